public import ParleyCore

extension ProviderName {
    /// The stand-in, which answers in process unless `SIMULATOR_BASE_URL` points at a `parley simulate`.
    public static let simulator: ProviderName = "simulator"
}

extension Catalogue {
    /// The providers that parley knows from the start (their documentation as of November 2026).
    public static let builtIn = Catalogue(hosted + local)

    private static var hosted: [ProviderEntry] {
        var costReporting = ProviderEntry.Quirks()
        costReporting.trustsReportedCost = true
        var wholeStreams = ProviderEntry.Quirks()
        wholeStreams.streamsWholeAnswers = true
        var hiddenReasoning = ProviderEntry.Quirks()
        hiddenReasoning.countsReasoningInTotalOnly = true
        var cacheMarks = ProviderEntry.Quirks()
        cacheMarks.cacheHint = .marks
        return [
            ProviderEntry(
                name: "openai", baseURL: "https://api.openai.com/v1", keyVariable: "OPENAI_API_KEY"),
            ProviderEntry(
                name: "openai-responses", dialect: .openAIResponses, baseURL: "https://api.openai.com/v1",
                keyVariable: "OPENAI_API_KEY", baseURLVariable: "OPENAI_BASE_URL"),
            ProviderEntry(
                name: "codex", dialect: .openAIResponses, baseURL: "https://chatgpt.com/backend-api/codex",
                keyVariable: "CODEX_TOKEN"),
            ProviderEntry(
                name: "anthropic", dialect: .anthropic, baseURL: "https://api.anthropic.com",
                keyVariable: "ANTHROPIC_API_KEY", quirks: cacheMarks),
            ProviderEntry(
                name: "kimi", dialect: .anthropic, baseURL: "https://api.kimi.com/coding",
                keyVariable: "MOONSHOT_API_KEY"),
            ProviderEntry(
                name: "deepseek", baseURL: "https://api.deepseek.com", keyVariable: "DEEPSEEK_API_KEY"),
            ProviderEntry(name: "grok", baseURL: "https://api.x.ai/v1", keyVariable: "XAI_API_KEY"),
            ProviderEntry(name: "xai", baseURL: "https://api.x.ai/v1", keyVariable: "XAI_API_KEY"),
            ProviderEntry(
                name: "openrouter", baseURL: "https://openrouter.ai/api/v1",
                keyVariable: "OPENROUTER_API_KEY", quirks: costReporting),
            ProviderEntry(
                name: "minimax", baseURL: "https://api.minimax.io/v1", keyVariable: "MINIMAX_API_KEY",
                quirks: wholeStreams),
            ProviderEntry(name: "zai", baseURL: "https://api.z.ai/api/paas/v4", keyVariable: "ZAI_API_KEY"),
            ProviderEntry(name: "glm", baseURL: "https://api.z.ai/api/paas/v4", keyVariable: "ZAI_API_KEY"),
            ProviderEntry(
                name: "groq", baseURL: "https://api.groq.com/openai/v1", keyVariable: "GROQ_API_KEY"),
            ProviderEntry(
                name: "mistral", baseURL: "https://api.mistral.ai/v1", keyVariable: "MISTRAL_API_KEY"),
            ProviderEntry(
                name: "gemini", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
                keyVariable: "GEMINI_API_KEY", quirks: hiddenReasoning),
            ProviderEntry(
                name: "together", baseURL: "https://api.together.xyz/v1", keyVariable: "TOGETHER_API_KEY"),
        ]
    }

    private static var local: [ProviderEntry] {
        func onThisMachine(_ name: ProviderName, port: Int) -> ProviderEntry {
            ProviderEntry(
                name: name, baseURL: "http://127.0.0.1:\(port)/v1",
                keyVariable: ProviderEntry.variable(for: name, ending: "API_KEY"), needsKey: false,
                isLocal: true)
        }
        var toolsInWords = ProviderEntry.Quirks()
        toolsInWords.toolEmulation = .onRefusal
        return [
            onThisMachine("vllm", port: 8000),
            onThisMachine("llama.cpp", port: 8080),
            onThisMachine("lmstudio", port: 1234),
            onThisMachine(.simulator, port: 8377),
            ProviderEntry(
                name: "ollama", dialect: .ollama, baseURL: "http://127.0.0.1:11434",
                keyVariable: "OLLAMA_API_KEY", needsKey: false, baseURLVariable: "OLLAMA_HOST", isLocal: true,
                quirks: toolsInWords),
        ]
    }
}
