import OrderedCollections
import ParleyCore

/// A request of Ollama's chat endpoint, read from its JSON.
struct OllamaRequestReader {
    private(set) var asked: AskedRequest

    init(_ document: JSON) throws(SimulatedRefusal) {
        guard let model = document["model"]?.stringValue, !model.isEmpty else {
            throw .invalid("model is required")
        }
        guard let messages = document["messages"]?.arrayValue, !messages.isEmpty else {
            throw .invalid("messages are required")
        }
        var turns: [Message] = []
        for message in messages { turns.append(try Self.turn(message)) }
        let options = document["options"]
        // A negative limit stands for none.
        let limit = options?["num_predict"]?.intValue.flatMap { $0 > 0 ? $0 : nil }
        let request = CompletionRequest(
            model: ModelName(provider: "simulator", model: model), messages: turns,
            tools: ReadTools.nested(document), maxTokens: limit,
            stop: ChatRequestReader.stop(options?["stop"]), responseFormat: Self.format(document["format"]))
        asked = AskedRequest(
            question: SimulatedQuestion(request, flavour: .ollama),
            streams: document["stream"]?.boolValue ?? true,
            showsReasoning: document["think"]?.boolValue ?? true)
    }

    private static func turn(_ message: JSON) throws(SimulatedRefusal) -> Message {
        let word = message["role"]?.stringValue?.lowercased() ?? ""
        guard let role = Message.Role(rawValue: word) else { throw .invalid("invalid role: \(word)") }
        var calls: [ToolCall] = []
        for call in message["tool_calls"]?.arrayValue ?? [] {
            guard case .object(let arguments)? = call["function"]?["arguments"] else {
                throw .invalid(
                    """
                    json: cannot unmarshal string into Go struct field \
                    ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments
                    """)
            }
            calls.append(
                ToolCall(
                    id: call["id"]?.stringValue ?? "", name: call["function"]?["name"]?.stringValue ?? "",
                    arguments: .parsed(arguments)))
        }
        guard message["content"] == nil || message["content"]?.stringValue != nil else {
            throw .invalid(
                "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string"
            )
        }
        return Message(
            role: role, content: message["content"]?.stringValue ?? "", toolCalls: calls,
            toolCallID: message["tool_call_id"]?.stringValue ?? message["tool_name"]?.stringValue)
    }

    private static func format(_ format: JSON?) -> ResponseFormat {
        switch format {
        case .string("json")?: .jsonObject
        case .object?: .jsonSchema(name: "answer", schema: format ?? [:], strict: true)
        default: .text
        }
    }
}
