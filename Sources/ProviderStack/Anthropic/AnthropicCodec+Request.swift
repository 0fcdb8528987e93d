import OrderedCollections
public import ParleyCore

extension AnthropicCodec {
    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] {
        let forms = context.quirks.answerForms.takeSchemas ? ProviderEntry.AnswerForms.all : .none
        let request = Self.adapted(request.adapted(to: forms))
        let marks = CacheMarks(
            for: request, hint: context.quirks.cacheHint, canMark: AnthropicTurns.hasPlaceForMark)
        let turns = AnthropicTurns(of: request, marks: marks, provider: context.provider)
        var members: [(key: String, value: JSON)] = [
            (
                "max_tokens",
                .int(request.maxTokens ?? Self.maxTokensDefault + Self.thinkingBudget(of: request))
            ),
            ("messages", .array(turns.messages)),
            ("model", .string(request.model.model)),
        ]
        if let system = turns.system { members.append(("system", system)) }
        if let temperature = request.temperature { members.append(("temperature", .double(temperature))) }
        if !request.stop.isEmpty {
            members.append(("stop_sequences", .array(request.stop.map { .string($0) })))
        }
        if let format = Self.json(for: request.responseFormat) {
            members.append(("output_config", ["format": format]))
        }
        if !request.tools.isEmpty {
            var tools = request.tools.map(Self.json)
            tools[tools.count - 1] = marks.marked(tools[tools.count - 1], marks.tools)
            members.append(("tools", .array(tools)))
            if let choice = Self.json(for: request.toolChoice) { members.append(("tool_choice", choice)) }
        }
        if streams { members.append(("stream", true)) }
        return RequestBody.written(members, for: request)
    }

    /// The request in the dialect's own terms.
    ///
    /// There is no native form for "any JSON object", so that is asked for in the system prompt; and so is a schema of which the
    /// provider takes not all (see ``AnthropicSchema``).
    /// `output_config` holds more than the format: one among the options (an effort, say) does not push the
    /// format out.
    private static func adapted(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        if request.responseFormat == .jsonObject { request.responseFormat = .jsonByPrompt }
        if case .jsonSchema(let name, let schema, let strict) = request.responseFormat {
            if let native = AnthropicSchema.native(schema) {
                request.responseFormat = .jsonSchema(name: name, schema: native, strict: strict)
            } else {
                request = request.withSchemaInWords(schema, as: .text)
            }
        }
        if let format = json(for: request.responseFormat),
            case .object(var own)? = request.options["output_config"], own["format"] == nil
        {
            own["format"] = format
            request.options["output_config"] = .object(own)
        }
        return request
    }

    /// What the options let the model think at the most: `max_tokens` counts it and must be larger.
    private static func thinkingBudget(of request: CompletionRequest) -> Int {
        CodecContext.count(request.options["thinking"]?["budget_tokens"])
    }

    private static func json(_ tool: ToolDefinition) -> JSON {
        var members: JSONObject = ["input_schema": schema(tool.parameters), "name": .string(tool.name)]
        if !tool.summary.isEmpty { members["description"] = .string(tool.summary) }
        return .object(members)
    }

    /// The type must be named, even for a tool without parameters.
    private static func schema(_ parameters: JSON) -> JSON {
        var members = parameters.objectValue ?? [:]
        if members["type"] == nil { members["type"] = "object" }
        return .object(members)
    }

    private static func json(for choice: ToolChoice) -> JSON? {
        switch choice {
        case .automatic: nil
        case .none: ["type": "none"]
        case .required: ["type": "any"]
        case .named(let name): ["name": .string(name), "type": "tool"]
        }
    }

    /// A schema's name and its strictness have no place in the dialect: it always keeps to the schema.
    private static func json(for format: ResponseFormat) -> JSON? {
        guard case .jsonSchema(_, let schema, _) = format else { return nil }
        return ["schema": schema, "type": "json_schema"]
    }
}
