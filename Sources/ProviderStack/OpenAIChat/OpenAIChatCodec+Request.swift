import OrderedCollections
public import ParleyCore

extension OpenAIChatCodec {
    /// What is added to the system prompt of a request for ``ResponseFormat/jsonByPrompt``.
    public static let jsonInstruction = "Respond with a valid JSON object."

    /// The request as it is sent: one JSON object with sorted keys, because an unstable order breaks prompt caches.
    ///
    /// ``CompletionRequest/options`` come last and win. No key is in it, so it can be stored as it is.
    public func body(of request: CompletionRequest, streams: Bool = false) -> [UInt8] {
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
        for (name, value) in request.options {
            members.removeAll { $0.key == name }
            members.append((name, value))
        }
        return Self.written(members, capacity: Self.capacity(for: request))
    }

    private static func written(_ members: [(key: String, value: JSON)], capacity: Int) -> [UInt8] {
        var writer = JSONWriter(sortsKeys: true, capacity: capacity)
        writer.raw("{")
        var isFirst = true
        for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if !isFirst { writer.raw(",") }
            isFirst = false
            writer.write(name)
            writer.raw(":")
            writer.write(value)
        }
        writer.raw("}")
        return writer.bytes
    }

    /// Enough room that the writer seldom has to move what it wrote.
    private static func capacity(for request: CompletionRequest) -> Int {
        let text = request.messages.reduce(request.system?.utf8.count ?? 0) {
            $0 + $1.content.utf8.count + 64
        }
        return text + text / 16 + 256
    }

    private func messages(of request: CompletionRequest) -> [JSON] {
        var messages: [JSON] = []
        messages.reserveCapacity(request.messages.count + 1)
        if let system = Self.system(of: request) {
            messages.append(["content": .string(system), "role": "system"])
        }
        for message in request.messages where !message.isGhost { messages.append(Self.json(message)) }
        return messages
    }

    private static func system(of request: CompletionRequest) -> String? {
        let system = request.system.flatMap { $0.isEmpty ? nil : $0 }
        guard request.responseFormat == .jsonByPrompt else { return system }
        return system.map { "\($0)\n\n\(jsonInstruction)" } ?? jsonInstruction
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

extension Message {
    /// An assistant's turn that says and asks nothing; providers refuse it.
    var isGhost: Bool { role == .assistant && content.isEmpty && toolCalls.isEmpty }
}
