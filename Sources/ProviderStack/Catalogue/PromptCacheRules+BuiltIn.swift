public import ParleyCore

extension PromptCacheRules {
    /// The rules for a model at a provider: those of the model's maker, else of whoever serves it.
    public static func rules(for model: ModelName, entry: ProviderEntry? = nil) -> PromptCacheRules {
        let word = entry?.promptCache
        if entry?.isLocal == true, entry?.name != .simulator {
            return server(model.provider).overridden(by: word, for: model.model)
        }
        var rules =
            switch ModelFamily(model: model.model) {
            case .claude: claude(model.model)
            case .gpt(let version):
                version >= ModelFamily.gptWithBreakpoints ? openAIBreakpoints : openAI
            case .openAIReasoning: openAI
            case .deepSeek: deepSeek
            case .gemini: gemini(model.model)
            case .other: server(model.provider)
            }
        // Without a key there is nothing to tell the machines apart by.
        let sendsKey = entry.map { $0.quirks.cacheHint == .key || $0.name == .simulator } ?? true
        if !sendsKey { rules.requestsPerMinute = nil }
        return rules.overridden(by: word, for: model.model)
    }

    /// Entries stand at marks, are read for a tenth, written for a quarter more, or double for an hour.
    static func claude(_ model: String) -> PromptCacheRules {
        PromptCacheRules(
            tokensMin: tokensMin(ofClaude: model), lifetime: .seconds(300), lifetimeLong: .seconds(3600),
            shares: Shares(write: 1.25, writeLong: 2, read: 0.1),
            source: "platform.claude.com/docs/en/build-with-claude/prompt-caching")
    }

    /// The least that Anthropic caches, by model; 1,024 tokens for a name that is not in the table.
    static func tokensMin(ofClaude model: String) -> Int {
        let name = model.lowercased().replacing(".", with: "-")
        func isAny(of parts: [String]) -> Bool { parts.contains { name.contains($0) } }
        if isAny(of: ["opus-4-5", "opus-4-6", "haiku-4-5"]) { return 4096 }
        if isAny(of: ["opus-4-7", "3-5-haiku", "haiku-3", "3-haiku"]) { return 2048 }
        if isAny(of: ["opus-5", "fable-5", "mythos-5"]) { return 512 }
        return 1024
    }

    private static let openAIGuide = "developers.openai.com/api/docs/guides/prompt-caching"

    /// Before GPT-5.6: writing is free, and about 15 requests a minute with one beginning and key stay on one machine.
    static let openAI = PromptCacheRules(
        tokensMin: 1024, lifetime: .seconds(300), requestsPerMinute: 15,
        shares: Shares(write: 1, writeLong: 1, read: 0.25), source: openAIGuide)

    /// From GPT-5.6 on: entries stand at breakpoints, live for 30 minutes, and writing them costs a quarter more.
    static let openAIBreakpoints = PromptCacheRules(
        tokensMin: 1024, lifetime: .seconds(1800), shares: Shares(write: 1.25, writeLong: 1.25, read: 0.1),
        source: openAIGuide)

    /// What two requests have shared is kept, for a third to read; in units of 64 tokens, for some hours.
    static let deepSeek = PromptCacheRules(
        tokensMin: 64, lifetime: .seconds(3600), leaders: 2, source: "api-docs.deepseek.com/guides/kv_cache")

    static func gemini(_ model: String) -> PromptCacheRules {
        let isOld = model.lowercased().contains("gemini-2.5")
        return PromptCacheRules(
            tokensMin: isOld ? 2048 : 4096, lifetime: .seconds(300),
            source: "ai.google.dev/gemini-api/docs/caching (lifetime assumed)")
    }

    /// Rules of a server, whatever models it has.
    static func server(_ provider: ProviderName) -> PromptCacheRules {
        switch provider.text {
        case "groq":
            PromptCacheRules(
                tokensMin: 1024, lifetime: .seconds(7200), shares: Shares(read: 0.5),
                source: "console.groq.com/docs/prompt-caching (128 to 1,024 tokens by model)")
        case "minimax":
            PromptCacheRules(
                tokensMin: 512, lifetime: .seconds(300), shares: Shares(write: 1.25, writeLong: 1.25),
                source: "platform.minimax.io/docs/api-reference (lifetime of marked entries)")
        case "ollama", "llama.cpp", "lmstudio":
            PromptCacheRules(
                tokensMin: 16, lifetime: .seconds(300), beginningsMax: 1, shares: Shares(read: 0),
                source: "one slot keeps the prompt that it read last (llama.cpp's server)")
        case "vllm":
            PromptCacheRules(
                tokensMin: 16, lifetime: .seconds(300), shares: Shares(read: 0),
                source: "docs.vllm.ai, automatic prefix caching in blocks of 16 tokens (lifetime assumed)")
        default:
            PromptCacheRules(
                tokensMin: 1024, lifetime: .seconds(300), source: "assumed: what most providers do")
        }
    }
}
