import Foundation

/// A file that appears whole or not at all.
///
/// What is written goes to a neighbour with another name, is flushed to the disk, and takes the place of the old file in
/// one step. When writing fails, or the program dies, the old file is as it was.
struct AtomicFile: ~Copyable {
    private let file: Int32
    private let path: String

    /// Writes a file by a closure that is given the means to.
    static func write<Result>(
        to path: String, _ work: (borrowing AtomicFile) async throws -> Result
    ) async throws -> Result {
        let file = try AtomicFile(beside: path)
        do {
            let result = try await work(file)
            try file.takePlace(of: path)
            return result
        } catch {
            file.discard()
            throw error
        }
    }

    /// The same for a closure that does not wait.
    static func write(to path: String, _ work: (borrowing AtomicFile) throws -> Void) throws {
        let file = try AtomicFile(beside: path)
        do {
            try work(file)
            try file.takePlace(of: path)
        } catch {
            file.discard()
            throw error
        }
    }

    private init(beside path: String) throws {
        var template = Array("\(path).XXXXXX".utf8CString)
        file = mkstemp(&template)
        self.path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        guard file >= 0 else { throw Self.failure(path) }
        let mask = umask(0)
        umask(mask)
        fchmod(file, 0o666 & ~mask)
    }

    func write(_ bytes: borrowing [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(file, $0.baseAddress! + offset, $0.count - offset)
            }
            if count < 0, errno != EINTR { throw Self.failure(path) }
            offset += max(0, count)
        }
    }

    private func takePlace(of target: String) throws {
        guard fsync(file) == 0, rename(path, target) == 0 else { throw Self.failure(target) }
        close(file)
    }

    private func discard() {
        close(file)
        unlink(path)
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
