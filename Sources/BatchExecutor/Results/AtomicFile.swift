import Foundation

/// A file that appears whole or not at all.
///
/// The bytes go into a new file in the same folder; only when all are there, and on the disk, does it take the name. Until
/// then whatever stood under the name stays as it was, and a failure leaves nothing behind. A file that is replaced
/// hands down its permissions; a new one gets those of any new file. A link is followed, and what is no plain file (a
/// pipe, `/dev/stdout`) is written straight.
public final class AtomicFile {
    /// Why a file could not be written: where and in the system's words.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        public let path: String
        public let reason: String

        public var description: String { "\(path) cannot be written: \(reason)" }
    }

    public let path: String
    /// Where the link, if it is one, leads to.
    private let target: String
    /// Nil when the bytes go straight to the target, or when all is done.
    private var temporary: String?
    private var descriptor: Int32

    /// Makes the temporary file.
    public init(_ path: String) throws(Failure) {
        self.path = path
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR { throw Failure(path: path, reason: "it is a folder") }
        target = exists ? Self.resolved(path) : path
        if exists, status.st_mode & S_IFMT != S_IFREG {
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let name = Self.temporaryName(for: target)
            let permissions = exists ? status.st_mode & 0o777 : 0o666
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
            if descriptor >= 0 {
                temporary = name
                // What a new file is denied must not be denied to one that replaces another.
                if exists { fchmod(descriptor, permissions) }
            }
        }
        guard descriptor >= 0 else {
            throw Failure(path: path, reason: errno == ENOENT ? "there is no such folder" : Self.reason())
        }
    }

    deinit { discard() }

    /// Writes behind what was written before.
    public func write(_ bytes: borrowing [UInt8]) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw Failure(path: path, reason: Self.reason())
            }
        }
    }

    /// Puts the file under its name, for good: the bytes and the name are on the disk when this returns.
    public func commit() throws(Failure) {
        guard descriptor >= 0 else { return }
        guard let temporary else { return discard() }
        guard fsync(descriptor) == 0, rename(temporary, target) == 0 else {
            let reason = Self.reason()
            discard()
            throw Failure(path: path, reason: reason)
        }
        self.temporary = nil
        discard()
        Self.syncFolder(of: target)
    }

    /// Forgets what was written, unless it was committed.
    public func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        if let temporary { unlink(temporary) }
        temporary = nil
    }

    /// Writes a file within the closure; it appears when the closure has returned, and never when it throws.
    public static func write<Value>(to path: String, _ body: (AtomicFile) async throws -> Value) async throws
        -> Value
    {
        let file = try AtomicFile(path)
        do {
            let value = try await body(file)
            try file.commit()
            return value
        } catch {
            file.discard()
            throw error
        }
    }
}

extension AtomicFile {
    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// A name in the same folder, hidden, and taken by nobody.
    private static func temporaryName(for target: String) -> String {
        let slash = target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex
        let random = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(target[..<slash]).\(target[slash...].prefix(100)).\(random).partial"
    }

    private static func syncFolder(of target: String) {
        let slash = target.lastIndex(of: "/").map(target.index(after:))
        let folder = open(slash.map { String(target[..<$0]) } ?? ".", O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
