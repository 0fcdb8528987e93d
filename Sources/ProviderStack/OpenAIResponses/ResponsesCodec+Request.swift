import OrderedCollections
public import ParleyCore

extension ResponsesCodec {
    /// ``CompletionRequest/stop`` is left out: the dialect has no field for it.
    ///
    /// Each tool says `strict: false`, because the dialect's own default is true and refuses every schema that does not
    /// forbid additional properties; whoever wants it otherwise gives `tools` as an option. An option `text` is joined
    /// with the response format, so that a verbosity does not cost the schema.
    public func body(of request: CompletionRequest, streams: Bool) -> [UInt8] {
        let request = request.adapted(to: context.quirks.answerForms)
        let marks = breakpoints(of: request)
        var members: [(key: String, value: JSON)] = [
            ("input", .array(input(of: request, marks: marks))), ("model", .string(request.model.model)),
            ("store", false),
        ]
        if !marks.system,
            let instructions = RequestBody.system(of: request) ?? context.quirks.instructionsDefault
        {
            members.append(("instructions", .string(instructions)))
        }
        if !context.quirks.refusesLimits {
            if let limit = request.maxTokens { members.append(("max_output_tokens", .int(limit))) }
            if let temperature = request.temperature { members.append(("temperature", .double(temperature))) }
        }
        if let format = Self.json(for: request.responseFormat) {
            members.append(("text", ["format": format]))
        }
        if !request.tools.isEmpty {
            members.append(("tools", .array(request.tools.map(Self.json))))
            if let choice = Self.json(for: request.toolChoice) { members.append(("tool_choice", choice)) }
        }
        if asksForReasoning(request) { members.append(("include", ["reasoning.encrypted_content"])) }
        if context.quirks.cacheHint == .key, !PromptCacheKey.isUnwanted(by: request) {
            members.append(("prompt_cache_key", .string(PromptCacheKey.of(request))))
        }
        if context.quirks.instructionsDefault == nil,
            let options = request.cacheOptions(hint: context.quirks.cacheHint)
        {
            members.append(options)
        }
        if streams { members.append(("stream", true)) }
        for (name, value) in context.quirks.extraMembers { members.append((name, value)) }
        return RequestBody.written(members, for: withFittingOptions(request))
    }

    /// Where the shared beginning is marked. Only texts among the input can be, so a system prompt that is marked goes there
    /// instead of into the instructions. A request that says itself where its input ends up is left alone, and so is Codex,
    /// which refuses marks and the options that go with them.
    private func breakpoints(of request: CompletionRequest) -> CacheMarks {
        guard context.quirks.instructionsDefault == nil, !request.cache.keepsEnd else { return .none }
        let marks = CacheMarks(
            for: request, hint: context.quirks.cacheHint,
            canMark: { !$0.content.isEmpty && ($0.role == .user || $0.role == .system) })
        return marks.form == .breakpoint ? marks : .none
    }

    /// Whether to ask for the reasoning in its sealed form.
    ///
    /// OpenAI's reference says that it comes by itself now, but Azure, Codex and older servers want to be asked; and a
    /// model that does not reason refuses the wish ("Encrypted content is not supported with this model",
    /// pydantic-ai#2865, also for `gpt-5-chat-latest`, #3326). So the model's name decides, as far as it is OpenAI's. For
    /// answers that the provider keeps the wish is refused as well (pydantic-ai#6611).
    private func asksForReasoning(_ request: CompletionRequest) -> Bool {
        if request.options["store"]?.boolValue == true { return false }
        // Whoever insists on instructions is Codex, all of whose models reason.
        return context.quirks.instructionsDefault != nil || Self.reasons(request.model.model)
    }

    /// Whether a name is that of a reasoning model of OpenAI's: `o3`, `gpt-5-mini`, `openai/gpt-5.6`, `codex-mini-latest`.
    static func reasons(_ model: String) -> Bool {
        let name = (model.split(separator: "/").last ?? "").lowercased()
        if name.contains("-chat") { return false }
        if name.hasPrefix("codex-") { return true }
        if name.hasPrefix("gpt-") {
            let version = name.dropFirst("gpt-".count).prefix { $0.isNumber }
            return (Int(version) ?? 0) >= 5
        }
        return name.hasPrefix("o") && name.dropFirst().first?.isNumber == true
    }

    /// What Codex's endpoint answers with "Unsupported parameter"; as options they would come from a request that was meant
    /// for somebody else.
    static let limitNames = [
        "max_output_tokens", "max_completion_tokens", "max_tokens", "temperature", "top_p", "stream_options",
    ]

    private func withFittingOptions(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        if context.quirks.refusesLimits {
            for name in Self.limitNames { request.options.removeValue(forKey: name) }
        }
        if let format = Self.json(for: request.responseFormat),
            case .object(var own)? = request.options["text"], own["format"] == nil
        {
            own["format"] = format
            request.options["text"] = .object(own)
        }
        return request
    }

    private static func json(_ tool: ToolDefinition) -> JSON {
        [
            "description": .string(tool.summary), "name": .string(tool.name), "parameters": tool.parameters,
            "strict": false, "type": "function",
        ]
    }

    private static func json(for choice: ToolChoice) -> JSON? {
        switch choice {
        case .automatic: nil
        case .none: "none"
        case .required: "required"
        case .named(let name): ["name": .string(name), "type": "function"]
        }
    }

    private static func json(for format: ResponseFormat) -> JSON? {
        switch format {
        case .text, .jsonByPrompt: nil
        case .jsonObject: ["type": "json_object"]
        case .jsonSchema(let name, let schema, let strict):
            ["name": .string(name), "schema": schema, "strict": .bool(strict), "type": "json_schema"]
        }
    }
}
