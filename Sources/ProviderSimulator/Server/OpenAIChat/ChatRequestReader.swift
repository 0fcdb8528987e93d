import OrderedCollections
import ParleyCore

/// A request of the OpenAI chat dialect, read from its JSON: the server's side of what a wire client writes.
struct ChatRequestReader {
    private(set) var asked: AskedRequest

    /// Throws the error that OpenAI answers.
    init(_ document: JSON) throws(SimulatedRefusal) {
        guard let model = document["model"]?.stringValue, !model.isEmpty else {
            throw .invalid("you must provide a model parameter")
        }
        guard let messages = document["messages"]?.arrayValue else {
            throw .invalid("Missing required parameter: 'messages'.")
        }
        guard !messages.isEmpty else {
            throw .invalid("Invalid 'messages': empty array. Expected an array with minimum length 1.")
        }
        var turns: [Message] = []
        var marks: [CacheMark] = []
        for (index, tool) in (document["tools"]?.arrayValue ?? []).enumerated() {
            if let isLong = ReadContent.mark(on: tool) {
                marks.append(CacheMark(.tool(index), isLong: isLong))
            }
        }
        for (index, message) in messages.enumerated() {
            let (turn, content) = try Self.turn(message, at: index)
            turns.append(turn)
            marks += content.marks(in: .message(index))
        }
        let limit = document["max_completion_tokens"]?.intValue ?? document["max_tokens"]?.intValue
        if let limit, limit < 1 { throw .invalid("Invalid 'max_tokens': expected a value >= 1.") }
        let request = CompletionRequest(
            model: ModelName(provider: "simulator", model: model), messages: turns,
            tools: ReadTools.nested(document), toolChoice: Self.choice(document["tool_choice"]),
            maxTokens: limit, stop: Self.stop(document["stop"]),
            responseFormat: Self.format(document["response_format"]),
            cacheKey: document["prompt_cache_key"]?.stringValue)
        asked = AskedRequest(
            question: SimulatedQuestion(
                request, marks: marks, isLong: document["prompt_cache_retention"]?.stringValue == "24h",
                keepsMarkedOnly: document["prompt_cache_options"]?["mode"]?.stringValue == "explicit"),
            streams: document["stream"]?.boolValue ?? false,
            includesUsage: document["stream_options"]?["include_usage"]?.boolValue ?? false)
    }

    private static func turn(
        _ message: JSON, at index: Int
    ) throws(SimulatedRefusal) -> (Message, ReadContent) {
        let word = message["role"]?.stringValue ?? ""
        guard let role = word == "developer" ? .system : Message.Role(rawValue: word) else {
            throw .invalid(
                "Invalid value: '\(word)'. Supported values are: 'system', 'assistant', 'user', 'tool'.")
        }
        let content: ReadContent
        if let read = ReadContent(message["content"]) {
            content = read
        } else if message["content"] ?? .null == .null {
            guard role == .assistant else {
                throw .invalid("Invalid value for 'content': expected a string, got null.")
            }
            content = ReadContent()
        } else {
            throw .invalid("Invalid type for 'messages[\(index)].content': expected a string or an array.")
        }
        let calls = (message["tool_calls"]?.arrayValue ?? []).map { call in
            ToolCall(
                id: call["id"]?.stringValue ?? "", name: call["function"]?["name"]?.stringValue ?? "",
                arguments: .invalid(raw: call["function"]?["arguments"]?.stringValue ?? ""))
        }
        let turn = Message(
            role: role, content: content.text, toolCalls: calls,
            toolCallID: message["tool_call_id"]?.stringValue)
        return (turn, content)
    }

    private static func choice(_ choice: JSON?) -> ToolChoice {
        switch choice {
        case .string("none")?: .none
        case .string("required")?: .required
        case .object?: choice?["function"]?["name"]?.stringValue.map { .named($0) } ?? .automatic
        default: .automatic
        }
    }

    /// One sequence, or several.
    static func stop(_ stop: JSON?) -> [String] {
        stop?.stringValue.map { [$0] } ?? (stop?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func format(_ format: JSON?) -> ResponseFormat {
        switch format?["type"]?.stringValue {
        case "json_object": .jsonObject
        case "json_schema":
            .jsonSchema(
                name: format?["json_schema"]?["name"]?.stringValue ?? "answer",
                schema: format?["json_schema"]?["schema"] ?? ["type": "object"],
                strict: format?["json_schema"]?["strict"]?.boolValue ?? false)
        default: .text
        }
    }
}
