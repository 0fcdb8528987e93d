import Foundation

/// The bytes of an open file, read with read(2).
///
/// `FileHandle` would allocate a `Data` for each block and copy it once more.
final class FileBytes: ByteSource {
    private let descriptor: Int32
    private let name: String

    /// Opens the file; what can go wrong is told in the words of ``IngestError``.
    init(opening path: String, named name: String) throws(IngestError) {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw .isDirectory(name) }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        self.name = name
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: throw .noSuchFile(name)
            case EACCES, EPERM: throw .noPermission(name)
            case let code: throw .unreadable(name, reason: String(cString: strerror(code)))
            }
        }
    }

    /// The standard input, which stays open when this goes.
    ///
    /// What comes from a pipe is first put by, whole, in a file that nobody else sees: rows are stored in one transaction,
    /// and a program that takes its time to write them must not hold up every other writer meanwhile.
    init(standardInputNamed name: String) throws(IngestError) {
        self.name = name
        var status = stat()
        let isFile = fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        descriptor = isFile ? dup(STDIN_FILENO) : try Self.putBy(STDIN_FILENO, named: name)
        guard descriptor >= 0 else { throw .unreadable(name, reason: "the standard input is closed") }
    }

    /// Copies all that can be read into a file without a name and gives its descriptor, at the beginning.
    private static func putBy(_ pipe: Int32, named name: String) throws(IngestError) -> Int32 {
        func fail() -> IngestError { .unreadable(name, reason: String(cString: strerror(errno))) }
        var path = Array("\(NSTemporaryDirectory())/parley-stdin.XXXXXX".utf8CString)
        let file = mkstemp(&path)
        guard file >= 0 else { throw fail() }
        unlink(path)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { block.deallocate() }
        while true {
            let count = Foundation.read(pipe, block.baseAddress, block.count)
            if count == 0 { break }
            if count < 0, errno == EINTR { continue }
            var written = 0
            while written < count {
                let step = write(file, block.baseAddress! + written, count - written)
                if step < 0, errno == EINTR { continue }
                guard step > 0 else {
                    let error = fail()
                    close(file)
                    throw error
                }
                written += step
            }
            guard count > 0 else {
                let error = fail()
                close(file)
                throw error
            }
        }
        lseek(file, 0, SEEK_SET)
        return file
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func read(into space: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Foundation.read(descriptor, space.baseAddress, space.count)
            if count >= 0 { return count }
            let code = errno
            guard code == EINTR else {
                throw IngestError.unreadable(name, reason: String(cString: strerror(code)))
            }
        }
    }
}
