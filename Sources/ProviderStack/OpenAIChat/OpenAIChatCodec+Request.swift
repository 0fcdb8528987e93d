import OrderedCollections
public import ParleyCore

extension OpenAIChatCodec {
    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] {
        var members: [(key: String, value: JSON)] = [
            ("messages", .array(messages(of: request))),
            ("model", .string(request.model.model)),
        ]
        if let limit = request.maxTokens { members.append((lengthField.rawValue, .int(limit))) }
        if let temperature = request.temperature { members.append(("temperature", .double(temperature))) }
        if !request.stop.isEmpty { members.append(("stop", .array(request.stop.map { .string($0) }))) }
        if let format = Self.json(for: request.responseFormat) { members.append(("response_format", format)) }
        if !request.tools.isEmpty {
            members.append(("tools", .array(request.tools.map(Self.json))))
            if let choice = Self.json(for: request.toolChoice) { members.append(("tool_choice", choice)) }
        }
        if streams {
            members.append(("stream", true))
            members.append(("stream_options", ["include_usage": true]))
        }
        return RequestBody.written(members, for: request)
    }

    private func messages(of request: CompletionRequest) -> [JSON] {
        var messages: [JSON] = []
        messages.reserveCapacity(request.messages.count + 1)
        if let system = RequestBody.system(of: request) {
            messages.append(["content": .string(system), "role": "system"])
        }
        for message in request.messages where !message.isGhost { messages.append(Self.json(message)) }
        return messages
    }

    private static func json(_ message: Message) -> JSON {
        var members: JSONObject = [
            "content": .string(message.content), "role": .string(message.role.rawValue),
        ]
        if !message.toolCalls.isEmpty {
            if message.content.isEmpty { members["content"] = .null }
            members["tool_calls"] = .array(
                message.toolCalls.map { call in
                    [
                        "function": [
                            "arguments": .string(call.arguments.rawText), "name": .string(call.name),
                        ],
                        "id": .string(call.id), "type": "function",
                    ]
                })
        }
        if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
        return .object(members)
    }

    private static func json(_ tool: ToolDefinition) -> JSON {
        [
            "function": [
                "description": .string(tool.summary), "name": .string(tool.name),
                "parameters": tool.parameters,
            ],
            "type": "function",
        ]
    }

    private static func json(for choice: ToolChoice) -> JSON? {
        switch choice {
        case .automatic: nil
        case .none: "none"
        case .required: "required"
        case .named(let name): ["function": ["name": .string(name)], "type": "function"]
        }
    }

    private static func json(for format: ResponseFormat) -> JSON? {
        switch format {
        case .text, .jsonByPrompt: nil
        case .jsonObject: ["type": "json_object"]
        case .jsonSchema(let name, let schema, let strict):
            [
                "json_schema": ["name": .string(name), "schema": schema, "strict": .bool(strict)],
                "type": "json_schema",
            ]
        }
    }
}
