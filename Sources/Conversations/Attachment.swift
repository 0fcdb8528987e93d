internal import Foundation

/// A text file that goes with a question.
public struct Attachment: Sendable, Hashable {
    /// A larger file is refused.
    public static let bytesMax = 1 << 20
    /// More is not sent with one question.
    public static let totalBytesMax = 4 << 20

    /// What the model is told: the path as it was given, or `standard input`.
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Reads files; `-` is the standard input. A byte-order mark is dropped, line ends stay as they are.
    ///
    /// - Throws: ``AttachmentError`` for the first file that cannot be sent.
    public static func read(_ paths: [String]) throws(AttachmentError) -> [Attachment] {
        var read: [Attachment] = []
        for path in paths {
            let attachment = try self.read(path)
            read.append(attachment)
            guard read.reduce(0, { $0 + $1.text.utf8.count }) <= totalBytesMax else {
                throw .tooLargeTogether(last: attachment.name, bytesMax: totalBytesMax)
            }
        }
        return read
    }

    /// Reads one file; `-` is the standard input.
    public static func read(_ path: String) throws(AttachmentError) -> Attachment {
        guard path != "-" else {
            return Attachment(name: "standard input", text: try PipedText.read(bytesMax: bytesMax))
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw errno == ENOENT ? .missing(path) : .unreadable(path, String(cString: strerror(errno)))
        }
        defer { close(file) }
        return Attachment(name: path, text: try PipedText.read(from: file, name: path, bytesMax: bytesMax))
    }

    /// The file for the prompt: its name, and its text between fences that are longer than any row of backticks in it, so that no
    /// text can end its block.
    public var block: String {
        var (longest, row) = (0, 0)
        for byte in text.utf8 {
            row = byte == UInt8(ascii: "`") ? row + 1 : 0
            longest = max(longest, row)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        let end = text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? "" : "\n"
        return "File \(title):\n\(fence)\n\(text)\(end)\(fence)\n"
    }

    /// The name on one line.
    private var title: String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}

/// Why a file cannot go with a question.
public enum AttachmentError: Error, Sendable, Hashable, CustomStringConvertible {
    case missing(String)
    case directory(String)
    /// With the system's words.
    case unreadable(String, String)
    case tooLarge(String, bytesMax: Int)
    case tooLargeTogether(last: String, bytesMax: Int)
    /// The first byte that belongs to no text, counted from 0.
    case notText(String, byte: Int)

    public var description: String {
        switch self {
        case .missing(let name): "there is no file \(name)"
        case .directory(let name): "\(name) is a folder; name its files one by one"
        case .unreadable(let name, let reason): "\(name) cannot be read: \(reason)"
        case .tooLarge(let name, let bytes):
            "\(name) is larger than \(Self.size(bytes)), the most that is sent; cut it or leave it out"
        case .tooLargeTogether(let name, let bytes):
            "with \(name) the files are larger than \(Self.size(bytes)) together, the most that is sent with one question"
        case .notText(let name, let byte):
            "\(name) is no UTF-8 text: byte \(byte) (counted from 0) belongs to no character; only text can be sent"
        }
    }

    private static func size(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
}
