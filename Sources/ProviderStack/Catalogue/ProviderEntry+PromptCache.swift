import ParleyCore

extension ProviderEntry {
    /// The rules of the prompt cache for one of a provider's models.
    public struct PromptCacheRow: Sendable, Hashable {
        /// As the provider calls it; ``PromptCacheRow/anyOther`` for all that are not named.
        public var model: String
        public var rules: PromptCacheRules

        public static let anyOther = "*"
    }

    /// The rules that hold for usual models of the provider, one for each kind of rules, then for those that the user names,
    /// then for all others.
    public var promptCacheRows: [PromptCacheRow] {
        let named = (promptCache?.models ?? [:]).keys.sorted()
        let models = usualModels.filter { !named.contains($0) } + named
        return (models + [PromptCacheRow.anyOther]).map { model in
            PromptCacheRow(
                model: model, rules: .rules(for: ModelName(provider: name, model: model), entry: self))
        }
    }

    /// One model of each kind that has rules of its own.
    private var usualModels: [String] {
        switch name.text {
        case "openai", "openai-responses", "codex": ["gpt-5.4", "gpt-5.6"]
        case "anthropic": ["claude-opus-5", "claude-sonnet-5", "claude-opus-4-7", "claude-haiku-4-5"]
        case "deepseek": ["deepseek-chat"]
        case "gemini": ["gemini-2.5-flash", "gemini-3-pro"]
        case "openrouter":
            [
                "anthropic/claude-sonnet-5", "openai/gpt-5.4", "openai/gpt-5.6", "deepseek/deepseek-chat",
                "google/gemini-3-pro",
            ]
        default: []
        }
    }
}
