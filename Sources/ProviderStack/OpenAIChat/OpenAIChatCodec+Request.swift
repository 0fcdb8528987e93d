import OrderedCollections
public import ParleyCore

extension OpenAIChatCodec {
    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] {
        let request = request.adapted(to: context.quirks.answerForms)
        let hint = context.quirks.cacheHint(for: request.model.model)
        let marks = CacheMarks(
            for: request, hint: hint,
            canMark: { !$0.content.isEmpty && $0.role != .tool })
        var members: [(key: String, value: JSON)] = [
            ("messages", .array(messages(of: request, marks: marks))),
            ("model", .string(request.model.model)),
        ]
        if let limit = request.maxTokens { members.append((lengthField.rawValue, .int(limit))) }
        if let temperature = request.temperature { members.append(("temperature", .double(temperature))) }
        if !request.stop.isEmpty { members.append(("stop", .array(request.stop.map { .string($0) }))) }
        if let format = responseFormat(of: request) { members.append(("response_format", format)) }
        if !request.tools.isEmpty {
            members.append(("tools", .array(tools(of: request, marks: marks))))
            if let choice = Self.json(for: request.toolChoice) { members.append(("tool_choice", choice)) }
        }
        if streams {
            members.append(("stream", true))
            if !context.quirks.refusesStreamOptions {
                members.append(("stream_options", ["include_usage": true]))
            }
        }
        if hint == .key, PromptCacheKey.isOfUse(to: request) {
            members.append(("prompt_cache_key", .string(PromptCacheKey.of(request))))
        }
        if let options = request.cacheOptions(hint: hint) { members.append(options) }
        for (name, value) in context.quirks.extraMembers { members.append((name, value)) }
        return RequestBody.written(members, for: request)
    }

    /// A provider with a place of its own for strict tools wants all of them strict there (DeepSeek's guide to tool calls).
    private func tools(of request: CompletionRequest, marks: CacheMarks) -> [JSON] {
        let areAllStrict = path(for: request) != path
        return request.tools.indices.map { index in
            let tool = request.tools[index]
            var function: JSONObject = [
                "description": .string(tool.summary), "name": .string(tool.name),
                "parameters": tool.parameters,
            ]
            if tool.isStrict || areAllStrict { function["strict"] = true }
            let json: JSON = ["function": .object(function), "type": "function"]
            return marks.marked(json, marks.tools && index == request.tools.count - 1)
        }
    }

    private static func json(for choice: ToolChoice) -> JSON? {
        switch choice {
        case .automatic: nil
        case .none: "none"
        case .required: "required"
        case .named(let name): ["function": ["name": .string(name)], "type": "function"]
        }
    }

    private func responseFormat(of request: CompletionRequest) -> JSON? {
        switch request.responseFormat {
        case .text, .jsonByPrompt: nil
        case .jsonObject where context.quirks.answerForms == .schemasOnly:
            Self.json(forSchema: ["type": "object"], name: "object", strict: false)
        case .jsonObject: ["type": "json_object"]
        case .jsonSchema(let name, let schema, let strict):
            Self.json(forSchema: schema, name: name, strict: strict)
        }
    }

    private static func json(forSchema schema: JSON, name: String, strict: Bool) -> JSON {
        [
            "json_schema": ["name": .string(name), "schema": schema, "strict": .bool(strict)],
            "type": "json_schema",
        ]
    }
}
