import OrderedCollections
import ParleyCore

/// The text of a `content` that is a string or an array of parts, and the cache marks that stand in it.
struct ReadContent: Sendable {
    private(set) var text = ""
    /// How much of the text comes before each mark.
    private(set) var marks: [(bytes: Int, isLong: Bool)] = []

    /// Images and the like are passed over. Nil for what is neither a string nor an array.
    init?(_ content: JSON?) {
        switch content {
        case .string(let text)?: self.text = text
        case .array(let parts)?: for part in parts { add(part) }
        default: return nil
        }
    }

    init() {}

    mutating func add(_ part: JSON) {
        text += part.stringValue ?? part["text"]?.stringValue ?? part["content"]?.stringValue ?? ""
        if let isLong = Self.mark(on: part) { marks.append((text.utf8.count, isLong)) }
    }

    /// Whether a mark on that part asks for the longer lifetime; nil where it bears none.
    static func mark(on part: JSON) -> Bool? {
        if let mark = part["cache_control"], mark["type"]?.stringValue == "ephemeral" {
            return mark["ttl"]?.stringValue == "1h"
        }
        return part["prompt_cache_breakpoint"]?.objectValue == nil ? nil : false
    }

    /// The marks as places of a prompt.
    func marks(in place: CacheMark.Place) -> [CacheMark] {
        marks.map { CacheMark(place, bytes: $0.bytes, isLong: $0.isLong) }
    }
}

/// Tools in OpenAI's form, which Ollama shares.
enum ReadTools {
    static func nested(_ document: JSON) -> [ToolDefinition] {
        (document["tools"]?.arrayValue ?? []).compactMap { $0["function"].flatMap(tool) }
    }

    /// A tool whose members stand side by side.
    static func tool(_ function: JSON) -> ToolDefinition? {
        guard let name = function["name"]?.stringValue else { return nil }
        return ToolDefinition(
            name: name, summary: function["description"]?.stringValue ?? "",
            parameters: function["parameters"] ?? function["input_schema"] ?? ["type": "object"])
    }
}
