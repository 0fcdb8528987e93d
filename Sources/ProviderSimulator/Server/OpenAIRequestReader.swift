import OrderedCollections
import ParleyCore

/// A request of the OpenAI chat dialect, read from its JSON: the server's side of what a wire client writes.
struct OpenAIRequestReader {
    var request: CompletionRequest
    var streams: Bool
    var includesUsage: Bool

    /// Throws the error that OpenAI answers.
    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(SimulatedRefusal) {
        guard let document = try? JSON(parsing: bytes), case .object = document else {
            throw .invalid("We could not parse the JSON body of your request.")
        }
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
        for (index, message) in messages.enumerated() { turns.append(try Self.turn(message, at: index)) }
        let limit = document["max_completion_tokens"]?.intValue ?? document["max_tokens"]?.intValue
        if let limit, limit < 1 { throw .invalid("Invalid 'max_tokens': expected a value >= 1.") }
        request = CompletionRequest(
            model: ModelName(provider: "simulator", model: model), messages: turns,
            tools: (document["tools"]?.arrayValue ?? []).compactMap(Self.tool),
            toolChoice: Self.choice(document["tool_choice"]), maxTokens: limit,
            responseFormat: Self.format(document["response_format"]))
        streams = document["stream"]?.boolValue ?? false
        includesUsage = document["stream_options"]?["include_usage"]?.boolValue ?? false
    }

    private static func turn(_ message: JSON, at index: Int) throws(SimulatedRefusal) -> Message {
        let word = message["role"]?.stringValue ?? ""
        guard let role = word == "developer" ? .system : Message.Role(rawValue: word) else {
            throw .invalid(
                "Invalid value: '\(word)'. Supported values are: 'system', 'assistant', 'user', 'tool'.")
        }
        let content: String
        switch message["content"] {
        case .string(let text)?: content = text
        case .array(let parts)?: content = parts.compactMap { $0["text"]?.stringValue }.joined()
        case nil, .null?:
            guard role == .assistant else {
                throw .invalid("Invalid value for 'content': expected a string, got null.")
            }
            content = ""
        default:
            throw .invalid("Invalid type for 'messages[\(index)].content': expected a string or an array.")
        }
        let calls = (message["tool_calls"]?.arrayValue ?? []).map { call in
            ToolCall(
                id: call["id"]?.stringValue ?? "", name: call["function"]?["name"]?.stringValue ?? "",
                arguments: .invalid(raw: call["function"]?["arguments"]?.stringValue ?? ""))
        }
        return Message(
            role: role, content: content, toolCalls: calls, toolCallID: message["tool_call_id"]?.stringValue)
    }

    private static func tool(_ tool: JSON) -> ToolDefinition? {
        guard let function = tool["function"], let name = function["name"]?.stringValue else { return nil }
        return ToolDefinition(
            name: name, summary: function["description"]?.stringValue ?? "",
            parameters: function["parameters"] ?? ["type": "object"])
    }

    private static func choice(_ choice: JSON?) -> ToolChoice {
        switch choice {
        case .string("none")?: .none
        case .string("required")?: .required
        case .object?: choice?["function"]?["name"]?.stringValue.map { .named($0) } ?? .automatic
        default: .automatic
        }
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
