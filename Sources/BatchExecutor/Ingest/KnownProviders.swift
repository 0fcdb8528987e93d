public import ParleyCore

/// The providers whose names, before a slash, make a row's `model` complete.
///
/// `gpt-4o-mini` and `meta-llama/llama-3.1-8b` in a row belong to the batch's own provider; `openai/gpt-4o-mini` names
/// its own. Only a list can tell the last two apart.
public enum KnownProviders {
    public static let builtIn: Set<ProviderName> = [
        "openai", "openai-responses", "codex", "deepseek", "grok", "xai", "openrouter", "minimax", "kimi",
        "anthropic", "zai", "glm", "groq", "mistral", "gemini", "together", "vllm", "llama.cpp", "lmstudio",
        "ollama", "simulator",
    ]
}
