import OrderedCollections
public import ParleyCore

extension ProviderName {
    /// The stand-in, which answers in process unless `SIMULATOR_BASE_URL` points at a `parley simulate`.
    public static let simulator: ProviderName = "simulator"
}

extension Catalogue {
    /// The providers that parley knows from the start (their documentation as of November 2026).
    public static let builtIn = Catalogue(hosted + local)

    private static var hosted: [ProviderEntry] {
        [
            ProviderEntry(
                name: "openai", baseURL: "https://api.openai.com/v1", keyVariable: "OPENAI_API_KEY",
                quirks: quirks { $0.cacheHint = .key }),
            ProviderEntry(
                name: "openai-responses", dialect: .openAIResponses, baseURL: "https://api.openai.com/v1",
                keyVariable: "OPENAI_API_KEY", baseURLVariable: "OPENAI_BASE_URL", quirks: .openAIResponses),
            ProviderEntry(
                name: "codex", dialect: .openAIResponses, baseURL: "https://chatgpt.com/backend-api/codex",
                keyVariable: "CODEX_TOKEN", quirks: .codex),
            ProviderEntry(
                name: "anthropic", dialect: .anthropic, baseURL: "https://api.anthropic.com",
                keyVariable: "ANTHROPIC_API_KEY", quirks: quirks { $0.cacheHint = .marks }),
            ProviderEntry(
                name: "kimi", dialect: .anthropic, baseURL: "https://api.kimi.com/coding",
                keyVariable: "MOONSHOT_API_KEY",
                // It is not known to heed output_config, and a schema that is passed over reaches no model.
                quirks: quirks { $0.answerForms = .none }),
            ProviderEntry(
                name: "deepseek", baseURL: "https://api.deepseek.com", keyVariable: "DEEPSEEK_API_KEY",
                quirks: quirks {
                    $0.strictPath = "/beta"
                    $0.answerForms = .objectsOnly
                    $0.wantsReasoningBack = true
                }),
            xAI("grok"), xAI("xai"),
            ProviderEntry(
                name: "openrouter", baseURL: "https://openrouter.ai/api/v1",
                keyVariable: "OPENROUTER_API_KEY",
                quirks: quirks {
                    $0.trustsReportedCost = true
                    $0.toolEmulation = .onRefusal
                }),
            ProviderEntry(
                name: "minimax", baseURL: "https://api.minimax.io/v1", keyVariable: "MINIMAX_API_KEY",
                quirks: quirks {
                    $0.streamsWholeAnswers = true
                    $0.cacheHint = .marks
                    $0.extraMembers = ["reasoning_split": true]
                }),
            zAI("zai"), zAI("glm"),
            ProviderEntry(
                name: "groq", baseURL: "https://api.groq.com/openai/v1", keyVariable: "GROQ_API_KEY"),
            ProviderEntry(
                name: "mistral", baseURL: "https://api.mistral.ai/v1", keyVariable: "MISTRAL_API_KEY",
                quirks: quirks {
                    $0.cacheHint = .key
                    $0.refusesStreamOptions = true
                }),
            ProviderEntry(
                name: "gemini", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
                keyVariable: "GEMINI_API_KEY",
                quirks: quirks { $0.countsReasoningInTotalOnly = true }),
            ProviderEntry(
                name: "together", baseURL: "https://api.together.xyz/v1", keyVariable: "TOGETHER_API_KEY"),
        ]
    }

    private static func xAI(_ name: ProviderName) -> ProviderEntry {
        ProviderEntry(
            name: name, baseURL: "https://api.x.ai/v1", keyVariable: "XAI_API_KEY",
            quirks: quirks { $0.stickyHeader = "x-grok-conv-id" })
    }

    private static func zAI(_ name: ProviderName) -> ProviderEntry {
        ProviderEntry(
            name: name, baseURL: "https://api.z.ai/api/paas/v4", keyVariable: "ZAI_API_KEY",
            quirks: quirks {
                $0.cacheHint = .marks
                $0.answerForms = .objectsOnly
                $0.wantsReasoningBack = true
            })
    }

    private static var local: [ProviderEntry] {
        [
            onThisMachine("vllm", port: 8000),
            onThisMachine("llama.cpp", port: 8080),
            onThisMachine("lmstudio", port: 1234, quirks: quirks { $0.answerForms = .schemasOnly }),
            onThisMachine(.simulator, port: 8377),
            ProviderEntry(
                name: "ollama", dialect: .ollama, baseURL: "http://127.0.0.1:11434",
                keyVariable: "OLLAMA_API_KEY", needsKey: false, baseURLVariable: "OLLAMA_HOST", isLocal: true,
                quirks: quirks { $0.toolEmulation = .onRefusal }),
        ]
    }

    private static func onThisMachine(
        _ name: ProviderName, port: Int, quirks: ProviderEntry.Quirks = .init()
    ) -> ProviderEntry {
        ProviderEntry(
            name: name, baseURL: "http://127.0.0.1:\(port)/v1",
            keyVariable: ProviderEntry.variable(for: name, ending: "API_KEY"), needsKey: false,
            isLocal: true, quirks: quirks)
    }

    private static func quirks(_ set: (inout ProviderEntry.Quirks) -> Void) -> ProviderEntry.Quirks {
        var quirks = ProviderEntry.Quirks()
        set(&quirks)
        return quirks
    }
}
