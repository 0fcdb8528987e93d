internal import OrderedCollections

extension ToolCall.Arguments {
    /// The most bytes at the end of a cut-off text that are given up to save the rest.
    public static let trimmedBytesMax = 256
    /// A longer text is not repaired.
    public static let repairedBytesMax = 16 << 20

    /// Reads a model's arguments: as they are, else repaired, else kept as text.
    ///
    /// No text at all means a tool without parameters. A JSON string that itself holds an object is unpacked. An object that
    /// is written as a Python literal, or with line breaks inside its strings, is taken if nothing of it has to be guessed.
    /// Of a text that was cut off the longest beginning that can be closed is kept, if no more than ``trimmedBytesMax``
    /// bytes are lost with the rest; whatever dangles at its end is dropped. Each way reads the text once.
    public init(reading raw: String) {
        let bytes = Array(raw.utf8)
        if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            self = .parsed([:])
            return
        }
        switch try? JSON(parsing: bytes) {
        case .object(let members)?:
            self = .parsed(members)
        case .string(let inner)?:
            let unpacked = (try? JSON(parsing: inner)) ?? .null
            self = unpacked.objectValue.map { .parsed($0) } ?? .invalid(raw: raw)
        case nil:
            self = Self.repaired(bytes).map { .repaired($0, raw: raw) } ?? .invalid(raw: raw)
        default:
            self = .invalid(raw: raw)
        }
    }

    private static func repaired(_ bytes: [UInt8]) -> JSONObject? {
        guard bytes.count <= repairedBytesMax else { return nil }
        return bytes.withUnsafeBufferPointer { literal($0) ?? closed($0) }
    }

    /// The object, if it is one from the first byte to the last.
    private static func literal(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONObject? {
        var parser = LooseJSONParser(bytes)
        guard case .object(let members)? = parser.value(), !members.isEmpty else { return nil }
        parser.skipSpace()
        return parser.position == bytes.count ? members : nil
    }

    /// The object that the text begins with.
    private static func closed(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONObject? {
        var parser = LooseJSONParser(bytes, grammar: .json, closesEnd: true)
        guard case .object(let members)? = parser.value(), !members.isEmpty,
            bytes.count - parser.keptEnd <= trimmedBytesMax
        else { return nil }
        return members
    }
}
