import OrderedCollections
import ParleyCore

/// A request of Anthropic's messages endpoint, read from its JSON, with the strictness of the real one where a client could
/// trip over it.
struct AnthropicRequestReader {
    /// The most cache marks of one request.
    static let marksMax = 4

    private(set) var asked: AskedRequest

    /// `needsLimit` is false for a count of tokens, which takes no `max_tokens`.
    init(_ document: JSON, needsLimit: Bool = true) throws(SimulatedRefusal) {
        guard let model = document["model"]?.stringValue, !model.isEmpty else {
            throw .invalid("model: Field required")
        }
        let limit = document["max_tokens"]?.intValue
        guard limit != nil || !needsLimit else { throw .invalid("max_tokens: Field required") }
        if let limit, limit < 1 {
            throw .invalid("max_tokens: Input should be greater than or equal to 1")
        }
        guard let messages = document["messages"]?.arrayValue else {
            throw .invalid("messages: Field required")
        }
        guard !messages.isEmpty else { throw .invalid("messages: at least one message is required") }

        var marks: [CacheMark] = []
        let tools = document["tools"]?.arrayValue ?? []
        for (index, tool) in tools.enumerated() {
            if let isLong = ReadContent.mark(on: tool) {
                marks.append(CacheMark(.tool(index), isLong: isLong))
            }
        }
        let system = ReadContent(document["system"]) ?? ReadContent()
        marks += system.marks(in: .system)
        var reader = AnthropicTurns()
        for (index, message) in messages.enumerated() { try reader.read(message, at: index) }
        marks += reader.marks
        if let isLong = ReadContent.mark(on: document) {
            marks.append(CacheMark(.message(reader.turns.count - 1), isLong: isLong))
        }
        try Self.check(marks)

        let request = CompletionRequest(
            model: ModelName(provider: "simulator", model: model),
            system: system.text.isEmpty ? nil : system.text, messages: reader.turns,
            tools: tools.compactMap(ReadTools.tool), toolChoice: Self.choice(document["tool_choice"]),
            maxTokens: limit, stop: ChatRequestReader.stop(document["stop_sequences"]),
            responseFormat: Self.format(
                document["output_config"]?["format"] ?? document["output_format"]))
        asked = AskedRequest(
            question: SimulatedQuestion(request, marks: marks, flavour: .anthropic),
            streams: document["stream"]?.boolValue ?? false,
            showsReasoning: document["thinking"]?["type"]?.stringValue != "disabled")
    }

    private static func check(_ marks: [CacheMark]) throws(SimulatedRefusal) {
        if marks.count > marksMax {
            throw .invalid(
                "A maximum of \(marksMax) blocks with cache_control may be provided. Found \(marks.count).")
        }
        if let short = marks.firstIndex(where: { !$0.isLong }), marks[short...].contains(where: \.isLong) {
            throw .invalid(
                "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")
        }
    }

    private static func choice(_ choice: JSON?) -> ToolChoice {
        switch choice?["type"]?.stringValue {
        case "none": .none
        case "any": .required
        case "tool": choice?["name"]?.stringValue.map { .named($0) } ?? .automatic
        default: .automatic
        }
    }

    private static func format(_ format: JSON?) -> ResponseFormat {
        guard format?["type"]?.stringValue == "json_schema", let schema = format?["schema"] else {
            return .text
        }
        return .jsonSchema(name: "answer", schema: schema, strict: true)
    }
}

/// The turns of an Anthropic conversation: results of tools stand inside the user's turns there.
struct AnthropicTurns {
    private(set) var turns: [Message] = []
    private(set) var marks: [CacheMark] = []
    /// The calls of the turn before, which may be answered now.
    private var open: Set<String> = []

    mutating func read(_ message: JSON, at index: Int) throws(SimulatedRefusal) {
        let role = message["role"]?.stringValue ?? ""
        guard role == "user" || role == "assistant" else {
            throw .invalid(
                "messages: Unexpected role \"\(role)\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role."
            )
        }
        guard let content = message["content"] else {
            throw .invalid("messages.\(index).content: Field required")
        }
        let blocks: [JSON] = content.arrayValue ?? [["type": "text", "text": content]]
        guard !blocks.isEmpty || role == "assistant" else {
            throw .invalid("messages.\(index): user messages must have non-empty content")
        }
        if role == "user" {
            try readUser(blocks, at: index)
        } else {
            try readAssistant(blocks, at: index)
        }
    }

    private mutating func readUser(_ blocks: [JSON], at index: Int) throws(SimulatedRefusal) {
        var text = ReadContent()
        var answered: Set<String> = []
        for (place, block) in blocks.enumerated() {
            guard block["type"]?.stringValue == "tool_result" else {
                try Self.check(block, at: "messages.\(index)")
                text.add(block)
                continue
            }
            let id = block["tool_use_id"]?.stringValue ?? ""
            guard open.contains(id) else {
                throw .invalid(
                    "messages.\(index).content.\(place): unexpected `tool_use_id` found in `tool_result` blocks: \(id). Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                )
            }
            answered.insert(id)
            let result = ReadContent(block["content"])?.text ?? ""
            turns.append(
                Message(
                    role: .tool, content: result, toolCallID: id,
                    isError: block["is_error"]?.boolValue ?? false))
            if let isLong = ReadContent.mark(on: block) {
                marks.append(CacheMark(.message(turns.count - 1), isLong: isLong))
            }
        }
        let missing = open.subtracting(answered).sorted()
        guard missing.isEmpty else {
            throw .invalid(
                "messages.\(index - 1): `tool_use` ids were found without `tool_result` blocks immediately after: \(missing.joined(separator: ", ")). Each `tool_use` block must have a corresponding `tool_result` block in the next message."
            )
        }
        open = []
        guard !text.text.isEmpty || answered.isEmpty else { return }
        turns.append(.user(text.text))
        marks += text.marks(in: .message(turns.count - 1))
    }

    private mutating func readAssistant(_ blocks: [JSON], at index: Int) throws(SimulatedRefusal) {
        var text = ReadContent()
        var calls: [ToolCall] = []
        var callsMarked: [Bool] = []
        for block in blocks {
            switch block["type"]?.stringValue {
            case "thinking":
                guard block["signature"]?.stringValue?.isEmpty == false else {
                    throw .invalid("messages.\(index).content.0.thinking.signature: Field required")
                }
            case "redacted_thinking": break
            case "tool_use":
                guard case .object(let input)? = block["input"], let id = block["id"]?.stringValue else {
                    throw .invalid("messages.\(index).content: tool_use.input: Input should be an object")
                }
                calls.append(
                    ToolCall(id: id, name: block["name"]?.stringValue ?? "", arguments: .parsed(input)))
                if let isLong = ReadContent.mark(on: block) { callsMarked.append(isLong) }
            default:
                try Self.check(block, at: "messages.\(index)")
                text.add(block)
            }
        }
        turns.append(Message(role: .assistant, content: text.text, toolCalls: calls))
        marks += text.marks(in: .message(turns.count - 1))
        marks += callsMarked.map { CacheMark(.message(turns.count - 1), isLong: $0) }
        open = Set(calls.map(\.id))
    }

    private static func check(_ block: JSON, at place: String) throws(SimulatedRefusal) {
        if block["type"]?.stringValue == "text", block["text"]?.stringValue?.isEmpty != false {
            throw .invalid("\(place): text content blocks must be non-empty")
        }
    }
}
