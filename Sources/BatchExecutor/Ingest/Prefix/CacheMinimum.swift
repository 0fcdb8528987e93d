import ParleyCore

/// How long the beginning of a prompt must be for a provider's cache to keep it.
///
/// By the providers' documentation of November 2026 (the sources stand with the simulator's `CacheRules`); 1,024 tokens
/// where nobody says.
enum CacheMinimum {
    static func tokens(of model: ModelName) -> Int {
        if isClaude(model) { return tokens(ofClaude: model.model.lowercased().replacing(".", with: "-")) }
        switch model.provider.text {
        case "deepseek": return 64
        case "ollama", "llama.cpp", "lmstudio", "vllm": return 16
        default: return 1024
        }
    }

    /// Claude keeps what is marked, and parley marks the end of the system prompt: what stands in a row's own turn, even at its
    /// beginning, is not kept.
    static func isClaude(_ model: ModelName) -> Bool {
        model.provider == "anthropic" || model.model.contains("claude")
    }

    private static func tokens(ofClaude name: String) -> Int {
        func isAny(of parts: [String]) -> Bool { parts.contains { name.contains($0) } }
        if isAny(of: ["opus-4-5", "opus-4-6", "haiku-4-5"]) { return 4096 }
        if isAny(of: ["opus-4-7", "3-5-haiku", "haiku-3", "3-haiku"]) { return 2048 }
        if isAny(of: ["opus-5", "fable-5", "mythos-5"]) { return 512 }
        return 1024
    }
}
