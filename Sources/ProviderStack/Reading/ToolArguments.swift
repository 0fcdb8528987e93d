import OrderedCollections
public import ParleyCore

extension ToolCall.Arguments {
    /// The most bytes at the end of a cut-off text that are given up to save the rest.
    static let trimmedBytesMax = 256
    /// A longer text is not repaired: the search would take too long.
    static let repairedBytesMax = 1 << 20

    /// Reads a model's arguments: as they are, else repaired, else kept as text.
    ///
    /// No text at all means a tool without parameters. A JSON string that itself holds an object is unpacked. A text that
    /// was cut off has its strings and brackets closed, and whatever dangles at its end dropped.
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
            if case .object(let members)? = try? JSON(parsing: inner) {
                self = .parsed(members)
            } else {
                self = .invalid(raw: raw)
            }
        case nil:
            self = Self.repaired(bytes).map { .repaired($0, raw: raw) } ?? .invalid(raw: raw)
        default:
            self = .invalid(raw: raw)
        }
    }

    private static func repaired(_ bytes: [UInt8]) -> JSONObject? {
        guard bytes.count <= repairedBytesMax, bytes.contains(UInt8(ascii: "{")) else { return nil }
        for trimmed in 0...min(trimmedBytesMax, bytes.count - 1) {
            guard let candidate = closed(bytes.dropLast(trimmed)) else { continue }
            if case .object(let members)? = try? JSON(parsing: candidate), !members.isEmpty { return members }
        }
        return nil
    }

    /// The text with its open string and brackets closed and without dangling `,:{[` at the end; nil when nothing is left
    /// of it, or when it closes what it never opened.
    static func closed(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var open: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in text {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
            case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() == byte else { return nil }
            default: break
            }
        }
        var kept = Array(text)
        if isInString {
            if isEscaped { kept.removeLast() }
            kept.append(UInt8(ascii: "\""))
        } else {
            while let last = kept.last, " \t\r\n,:{[".utf8.contains(last) {
                if last == UInt8(ascii: "{") || last == UInt8(ascii: "[") { _ = open.popLast() }
                kept.removeLast()
            }
        }
        return kept.isEmpty ? nil : kept + open.reversed()
    }
}
