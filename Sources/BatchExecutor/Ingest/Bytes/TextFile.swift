/// Reads a whole file that has to be in memory anyway, such as a job sheet or a schema.
enum TextFile {
    /// The text, without a byte-order mark.
    static func contents(of source: any ByteSource, named name: String) throws -> String {
        let window = ByteWindow(source, rowBytesMax: JobSheet.bytesMax)
        do throws(WindowError) {
            while try window.fill() {}
        } catch {
            switch error {
            case .unreadable(let reason): throw reason
            case .rowTooLong(let bytesMax):
                throw IngestError.unreadable(name, reason: "it is longer than \(bytesMax >> 20) MiB")
            }
        }
        let bytes = window.unused
        guard !bytes.isEmpty else { throw IngestError.empty(name) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw IngestError.otherEncoding(name, encoding: "UTF-16")
        }
        if let index = UTF8Check.firstInvalid(in: bytes) {
            let before = bytes[..<index]
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = index - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
            throw IngestError.notUTF8(name, line: line, column: column, byte: bytes[index])
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        return String(decoding: text, as: UTF8.self)
    }
}
