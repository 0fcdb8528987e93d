import Foundation
import ParleyCore

/// The text of a tool's result, wherever it is given.
enum ResultText {
    /// A longer one is refused: no model reads it, and each later request would carry it.
    static let bytesMax = 1 << 20

    /// The text; NUL bytes are replaced, which no provider takes.
    ///
    /// - Parameters:
    ///   - file: its path; `-` is standard input, and nil as well where there is no content, unless a terminal is there.
    static func read(content: String?, file: String?) throws -> String {
        if let content { return try text(Data(content.utf8), of: "--content") }
        if file == nil, isatty(STDIN_FILENO) == 1 {
            throw CommandFailure.usage(
                "the result is missing: give it with --content TEXT, with --file FILE, or on standard input")
        }
        guard let file, file != "-" else { return try text(Self.input(), of: "standard input") }
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw CommandFailure("the file \(file) cannot be read; check its name and its permissions")
        }
        let bytes: Data
        do {
            bytes = try handle.read(upToCount: bytesMax + 1) ?? Data()
        } catch {
            throw CommandFailure("the file \(file) cannot be read: \(error.localizedDescription)")
        }
        return try text(bytes, of: "the file \(file)")
    }

    private static func text(_ bytes: Data, of source: String) throws -> String {
        guard bytes.count <= bytesMax else {
            throw CommandFailure(
                "\(source) holds more than 1 MiB, the most that a result may have; shorten it")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("\(source) is no UTF-8 text; convert it first")
        }
        return text.replacing("\0", with: "\u{FFFD}")
    }

    private static func input() -> Data {
        var bytes = Data()
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= bytesMax {
            let count = block.withUnsafeMutableBytes {
                Foundation.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: block.prefix(count))
        }
        return bytes
    }
}
