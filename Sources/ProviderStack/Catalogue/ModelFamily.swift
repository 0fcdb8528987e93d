/// Whose model a name is, at whichever provider it is asked: what a prompt cache does depends on it.
public enum ModelFamily: Sendable, Hashable {
    /// Anthropic's.
    case claude
    /// OpenAI's, with its version as major · 100 + minor: 506 is GPT-5.6, 400 is `gpt-4o`.
    case gpt(version: Int)
    /// OpenAI's `o1`, `o3`, ….
    case openAIReasoning
    case deepSeek
    case gemini
    case other

    /// The first GPT whose cache has breakpoints and bills what is written.
    public static let gptWithBreakpoints = 506

    /// Whether the model's cache has breakpoints (OpenAI from GPT-5.6 on).
    public var hasBreakpoints: Bool {
        if case .gpt(let version) = self { version >= Self.gptWithBreakpoints } else { false }
    }

    /// By the model's name: `claude-…`, `anthropic/…`, `anthropic.claude-…`, `gpt-5.6-mini`, `o3`, `deepseek-…`, `gemini-…`.
    public init(model: String) {
        let parts = model.lowercased().split(separator: "/")
        let name = parts.last ?? ""
        if name.hasPrefix("claude") || name.contains("anthropic.claude-")
            || parts.dropLast().contains("anthropic")
        {
            self = .claude
        } else if name.hasPrefix("gpt-") {
            let digits = name.dropFirst(4).prefix { $0.isNumber || $0 == "." }.split(separator: ".")
            let numbers = digits.map { Int($0) ?? 0 }
            self = .gpt(version: (numbers.first ?? 0) * 100 + (numbers.count > 1 ? numbers[1] : 0))
        } else if name.hasPrefix("o"), name.dropFirst().first?.isNumber == true {
            self = .openAIReasoning
        } else if name.hasPrefix("deepseek") {
            self = .deepSeek
        } else if name.hasPrefix("gemini") {
            self = .gemini
        } else {
            self = .other
        }
    }
}
