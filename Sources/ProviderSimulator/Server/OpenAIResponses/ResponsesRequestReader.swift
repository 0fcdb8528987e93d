import OrderedCollections
import ParleyCore

/// A request of OpenAI's Responses endpoint, read from its JSON.
struct ResponsesRequestReader {
    /// The real endpoint takes no smaller limit.
    static let outputTokensMin = 16

    private(set) var asked: AskedRequest
    private var turns: [Message] = []
    private var marks: [CacheMark] = []
    private var calls: Set<String> = []

    init(_ document: JSON) throws(SimulatedRefusal) {
        guard let model = document["model"]?.stringValue, !model.isEmpty else {
            throw .invalid("Missing required parameter: 'model'.")
        }
        if let id = document["previous_response_id"]?.stringValue {
            throw .invalid("Previous response with id '\(id)' not found.")
        }
        let limit = document["max_output_tokens"]?.intValue
        if let limit, limit < Self.outputTokensMin {
            throw .invalid(
                """
                Invalid 'max_output_tokens': integer below minimum value. Expected a value >= \
                \(Self.outputTokensMin), but got \(limit) instead.
                """)
        }
        let request = CompletionRequest(
            model: ModelName(provider: "simulator", model: model),
            system: document["instructions"]?.stringValue, messages: [],
            tools: (document["tools"]?.arrayValue ?? []).compactMap(ReadTools.tool),
            toolChoice: Self.choice(document["tool_choice"]), maxTokens: limit,
            responseFormat: Self.format(document["text"]?["format"]),
            cacheKey: document["prompt_cache_key"]?.stringValue)
        asked = AskedRequest(
            question: SimulatedQuestion(
                request, isLong: document["prompt_cache_retention"]?.stringValue == "24h",
                keepsMarkedOnly: document["prompt_cache_options"]?["mode"]?.stringValue == "explicit"),
            streams: document["stream"]?.boolValue ?? false)
        switch document["input"] {
        case .string(let text)?: turns = [.user(text)]
        case .array(let items)?: for (index, item) in items.enumerated() { try read(item, at: index) }
        default: throw .invalid("Missing required parameter: 'input'.")
        }
        guard !turns.isEmpty else {
            throw .invalid("Invalid 'input': empty array. Expected an array with minimum length 1.")
        }
        asked.question.request.messages = turns
        asked.question.marks = marks
    }

    private mutating func read(_ item: JSON, at index: Int) throws(SimulatedRefusal) {
        switch item["type"]?.stringValue ?? "message" {
        case "message":
            let word = item["role"]?.stringValue ?? ""
            guard let role = word == "developer" ? .system : Message.Role(rawValue: word), role != .tool
            else {
                throw .invalid(
                    "Invalid value: '\(word)'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
                )
            }
            try check(item["content"], of: role, at: index)
            guard let content = ReadContent(item["content"]) else {
                throw .invalid("Missing required parameter: 'input[\(index)].content'.")
            }
            turns.append(Message(role: role, content: content.text))
            marks += content.marks(in: .message(turns.count - 1))
        case "function_call":
            let id = item["call_id"]?.stringValue ?? ""
            calls.insert(id)
            let call = ToolCall(
                id: id, name: item["name"]?.stringValue ?? "",
                arguments: .invalid(raw: item["arguments"]?.stringValue ?? ""))
            // Calls of one turn stand one after the other.
            if turns.last?.role == .assistant {
                turns[turns.count - 1].toolCalls.append(call)
            } else {
                turns.append(Message(role: .assistant, content: "", toolCalls: [call]))
            }
        case "function_call_output":
            let id = item["call_id"]?.stringValue ?? ""
            guard calls.contains(id) else {
                throw .invalid("No tool call found for function call output with call_id \(id).")
            }
            let output = ReadContent(item["output"])?.text ?? ""
            turns.append(Message(role: .tool, content: output, toolCallID: id))
        case "reasoning": break
        case let other: throw .invalid("Invalid value: '\(other)' for 'input[\(index)].type'.")
        }
    }

    /// What the model said is `output_text`, and what it is told `input_text`.
    private func check(_ content: JSON?, of role: Message.Role, at index: Int) throws(SimulatedRefusal) {
        let wanted =
            role == .assistant ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"]
        for (part, block) in (content?.arrayValue ?? []).enumerated() {
            let type = block["type"]?.stringValue ?? ""
            guard wanted.contains(type) else {
                throw .invalid(
                    "Invalid value: '\(type)'. Supported values are: '\(wanted[0])' and '\(wanted[1])'. (input[\(index)].content[\(part)])"
                )
            }
        }
    }

    private static func choice(_ choice: JSON?) -> ToolChoice {
        switch choice {
        case .string("none")?: .none
        case .string("required")?: .required
        case .object?: choice?["name"]?.stringValue.map { .named($0) } ?? .automatic
        default: .automatic
        }
    }

    private static func format(_ format: JSON?) -> ResponseFormat {
        switch format?["type"]?.stringValue {
        case "json_object": .jsonObject
        case "json_schema":
            .jsonSchema(
                name: format?["name"]?.stringValue ?? "answer",
                schema: format?["schema"] ?? ["type": "object"],
                strict: format?["strict"]?.boolValue ?? false)
        default: .text
        }
    }
}
