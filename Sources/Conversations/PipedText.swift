internal import Foundation

/// Text that comes through a pipe or from a file, as far as it may.
public enum PipedText {
    /// More is not taken from a pipe.
    public static let bytesMax = 8 << 20

    /// Reads to the end; blocks until whoever writes is done. A byte-order mark is dropped.
    ///
    /// - Parameters:
    ///   - file: a descriptor; 0 is the standard input.
    ///   - name: for the sentences of errors.
    /// - Throws: ``AttachmentError``: too large, no text, or unreadable.
    public static func read(
        from file: Int32 = 0, name: String = "standard input", bytesMax: Int = bytesMax
    ) throws(AttachmentError) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = buffer.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw errno == EISDIR
                    ? .directory(name) : .unreadable(name, String(cString: strerror(errno)))
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= bytesMax else { throw .tooLarge(name, bytesMax: bytesMax) }
        }
        return try text(of: bytes, name: name)
    }

    /// Whether something, or the end, comes within that time. Blocks until then.
    ///
    /// - Parameter file: a descriptor; 0 is the standard input.
    public static func isReady(_ file: Int32 = 0, withinMilliseconds limit: Int32) -> Bool {
        var ready = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, limit) != 0
    }

    /// The bytes as text: UTF-8 without a NUL.
    static func text(of bytes: [UInt8], name: String) throws(AttachmentError) -> String {
        let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let body = bytes[mark...]
        if let place = body.firstIndex(of: 0) { throw .notText(name, byte: place) }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw .notText(name, byte: mark + validLength(body))
        }
        return text
    }

    /// How many bytes at the beginning are whole characters.
    private static func validLength(_ bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var rest = bytes.makeIterator()
        var length = 0
        while case .scalarValue(let scalar) = decoder.decode(&rest) { length += UTF8.width(scalar) }
        return length
    }
}
