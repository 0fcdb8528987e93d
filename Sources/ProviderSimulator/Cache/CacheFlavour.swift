/// Whose cache the simulator plays: it decides the rules and the words in which usage is told.
public enum CacheFlavour: String, Sendable, Hashable, CaseIterable {
    /// The simulator's own, for models of no known family: OpenAI's sizes without its machines.
    case plain
    /// OpenAI before GPT-5.6: automatic, in steps, writing costs nothing extra.
    case openAI
    /// OpenAI from GPT-5.6 on: entries stand at breakpoints, and writing them is billed.
    case openAIBreakpoints
    /// Anthropic: entries stand where `cache_control` marks do, and writing them is billed.
    case anthropic
    /// DeepSeek: a prefix is kept once two requests have shared it.
    case deepSeek
    /// One's own machine: the prompt that was read last is still in memory.
    case ollama

    /// By the model's name, whatever stands before its last slash: `claude-…`, `deepseek-…`, `gpt-…`, `o3…`; else the
    /// simulator's own.
    public init(model: String) {
        let name = model.split(separator: "/").last.map { $0.lowercased() } ?? ""
        if name.hasPrefix("claude") {
            self = .anthropic
        } else if name.hasPrefix("deepseek") {
            self = .deepSeek
        } else if let version = Self.version(ofGPT: name) {
            self = version >= 506 ? .openAIBreakpoints : .openAI
        } else if name.hasPrefix("o"), name.dropFirst().first?.isNumber == true {
            self = .openAI
        } else {
            self = .plain
        }
    }

    /// 506 for `gpt-5.6-mini`; nil for what is no GPT.
    private static func version(ofGPT name: String) -> Int? {
        guard name.hasPrefix("gpt-") else { return nil }
        let digits = name.dropFirst(4).prefix { $0.isNumber || $0 == "." }.split(separator: ".")
        let numbers = digits.map { Int($0) ?? 0 }
        return (numbers.first ?? 0) * 100 + (numbers.count > 1 ? numbers[1] : 0)
    }
}
