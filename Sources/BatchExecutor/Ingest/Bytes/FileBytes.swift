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
    init(standardInputNamed name: String) throws(IngestError) {
        descriptor = dup(STDIN_FILENO)
        self.name = name
        guard descriptor >= 0 else { throw .unreadable(name, reason: "the standard input is closed") }
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
