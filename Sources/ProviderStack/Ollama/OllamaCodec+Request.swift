import OrderedCollections
public import ParleyCore

extension OllamaCodec {
    /// The body of a request.
    ///
    /// `stream` always stands there: left out, it means true. The user's options go where Ollama looks for them:
    /// ``modelOptions`` into `options`, where they win over the request's own; everything else (`keep_alive`, `think`,
    /// `format`, `truncate` …) beside it. Ollama cannot be made to call a tool: ``ToolChoice/required`` is sent as
    /// ``ToolChoice/automatic``, a named tool as the only one, and none as no tools.
    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] {
        var request = request.adapted(to: context.quirks.answerForms)
        var members: [(key: String, value: JSON)] = [
            ("messages", .array(messages(of: request))),
            ("model", .string(request.model.model)),
            ("stream", .bool(streams)),
        ]
        if let format = Self.json(for: request.responseFormat) { members.append(("format", format)) }
        let tools = Self.offered(request.tools, by: request.toolChoice)
        if !tools.isEmpty { members.append(("tools", .array(tools.map(Self.json)))) }
        let (model, rest) = Self.divided(request.options)
        let options = Self.options(of: request, own: model)
        if !options.isEmpty { members.append(("options", .object(options))) }
        request.options = rest
        return RequestBody.written(members, for: request)
    }

    /// What Ollama reads from `options` and nowhere else: its `api.Options` as of version 0.33, and what older versions
    /// knew.
    static let modelOptions: Set<String> = [
        "draft_num_predict", "f16_kv", "frequency_penalty", "logits_all", "low_vram", "main_gpu", "min_p",
        "mirostat", "mirostat_eta", "mirostat_tau", "num_batch", "num_ctx", "num_gpu", "num_keep",
        "num_predict", "num_thread", "numa", "penalize_newline", "presence_penalty", "repeat_last_n",
        "repeat_penalty", "seed", "stop", "temperature", "tfs_z", "top_k", "top_p", "typical_p", "use_mlock",
        "use_mmap", "vocab_only",
    ]

    /// The user's options for the model, and those that stand beside them. An object under `options` is the former.
    private static func divided(_ options: JSONObject) -> (model: JSONObject, rest: JSONObject) {
        var model: JSONObject = [:]
        var rest: JSONObject = [:]
        for (name, value) in options {
            if name == "options", case .object(let inner) = value {
                for (name, value) in inner { model[name] = value }
            } else if modelOptions.contains(name) {
                model[name] = value
            } else {
                rest[name] = value
            }
        }
        return (model, rest)
    }

    private static func options(of request: CompletionRequest, own: JSONObject) -> JSONObject {
        var options: JSONObject = [:]
        if let limit = request.maxTokens { options["num_predict"] = .int(limit) }
        if let temperature = request.temperature { options["temperature"] = .double(temperature) }
        if !request.stop.isEmpty { options["stop"] = .array(request.stop.map { .string($0) }) }
        for (name, value) in own { options[name] = value }
        return options
    }

    private static func offered(_ tools: [ToolDefinition], by choice: ToolChoice) -> [ToolDefinition] {
        switch choice {
        case .automatic, .required: tools
        case .none: []
        case .named(let name): tools.filter { $0.name == name }
        }
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

    private static func json(for format: ResponseFormat) -> JSON? {
        switch format {
        case .text, .jsonByPrompt: nil
        case .jsonObject: "json"
        case .jsonSchema(_, let schema, _): schema
        }
    }
}

extension OllamaCodec {
    private func messages(of request: CompletionRequest) -> [JSON] {
        var messages: [JSON] = []
        messages.reserveCapacity(request.messages.count + 1)
        if let system = RequestBody.system(of: request, namesJSON: true) {
            messages.append(["content": .string(system), "role": "system"])
        }
        // Ollama tells results apart by the tool's name, which only the call knows.
        var toolOfCall: [String: String] = [:]
        for message in request.messages where !message.isGhost {
            for call in message.toolCalls { toolOfCall[call.id] = call.name }
            messages.append(Self.json(message, tool: message.toolCallID.flatMap { toolOfCall[$0] }))
        }
        return messages
    }

    /// The reasoning goes back with the calls that came of it, as Ollama's guide to tool calling does.
    private static func json(_ message: Message, tool: String?) -> JSON {
        var members: JSONObject = [
            "content": .string(RequestBody.text(of: message)), "role": .string(message.role.rawValue),
        ]
        if !message.toolCalls.isEmpty {
            members["tool_calls"] = .array(message.toolCalls.map(json))
            if let reasoning = message.reasoning { members["thinking"] = .string(reasoning) }
        }
        if let tool { members["tool_name"] = .string(tool) }
        if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
        return .object(members)
    }

    /// Arguments are an object here; a text that could not be read becomes an empty one.
    private static func json(_ call: ToolCall) -> JSON {
        [
            "function": [
                "arguments": .object(call.arguments.object ?? [:]), "name": .string(call.name),
            ],
            "id": .string(call.id), "type": "function",
        ]
    }
}
