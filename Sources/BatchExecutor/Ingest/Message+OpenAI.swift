import OrderedCollections
public import ParleyCore

extension Message {
    /// The turn in OpenAI's form, as the column `messages` of a row takes it.
    public var openAI: JSON {
        var members: JSONObject = ["role": .string(role.rawValue), "content": .string(content)]
        if role == .tool { members["tool_call_id"] = .init(toolCallID) }
        if let reasoning, role == .assistant { members["reasoning_content"] = .string(reasoning) }
        if !toolCalls.isEmpty {
            members["tool_calls"] = .array(
                toolCalls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": [
                            "name": .string(call.name), "arguments": .string(call.arguments.rawText),
                        ],
                    ]
                })
        }
        return .object(members)
    }
}
