import OrderedCollections
import ParleyCore

/// The blocks of an answer that must go back as they came: signed thinking, hidden thinking, what the
/// provider's own tools did.
///
/// Kept in ``Completion/continuation`` as `{"dialect": "anthropic", "provider": …, "content": [every block of
/// the answer]}`. It goes back only to the provider that wrote it, because nobody else can check its
/// signatures.
struct AnthropicContinuation {
    let blocks: [JSON]

    init?(_ json: JSON?, for provider: ProviderName) {
        guard let json, json["dialect"] == .string(Dialect.anthropic.rawValue),
            json["provider"] == .string(provider.text), let blocks = json["content"]?.arrayValue
        else { return nil }
        self.blocks = blocks
    }

    /// What is kept of an answer; nil for one that its message tells whole.
    static func json(of content: AnthropicContent, provider: ProviderName) -> JSON? {
        if content.isPlain { return nil }
        return [
            "content": .array(content.wholeBlocks), "dialect": .string(Dialect.anthropic.rawValue),
            "provider": .string(provider.text),
        ]
    }

    /// Whether the message still says what these blocks say: somebody may have edited it.
    func matches(_ message: Message) -> Bool {
        var text = ""
        var ids: [String] = []
        for block in blocks {
            if block["type"] == "text" { text += block["text"]?.stringValue ?? "" }
            if block["type"] == "tool_use" { ids.append(block["id"]?.stringValue ?? "") }
        }
        return text == message.content && ids == message.toolCalls.map(\.id)
    }

    /// The thinking alone, which comes before everything else in a turn that was edited.
    var thinking: [JSON] {
        blocks.filter { $0["type"] == "thinking" || $0["type"] == "redacted_thinking" }
    }
}
