import ParleyCore
import ProviderSimulator

/// An engine whose first token takes three seconds and whose answers ten, and the usage of one request after the other.
struct CacheBench {
    var engine = SimulatorEngine(
        settings: SimulatorSettings(latency: .seconds(10), latencyJitter: 0, firstTokenShare: 0.3))
    let model: String

    init(_ model: String) { self.model = model }

    /// A text of so many tokens, the same for the same letter.
    static func text(_ letter: Character, tokens: Int) -> String {
        String(repeating: letter, count: tokens * 4)
    }

    mutating func ask(
        _ prompt: String, system: String? = nil, marks: [CacheMark] = [], isLong: Bool = false,
        key: String? = nil, keepsMarkedOnly: Bool = false, flavour: CacheFlavour? = nil, at seconds: Double
    ) -> Usage {
        var request = CompletionRequest.fixture(prompt, system: system, model: "simulator/\(model)")
        request.cacheKey = key
        let question = SimulatedQuestion(
            request, marks: marks, isLong: isLong, keepsMarkedOnly: keepsMarkedOnly, flavour: flavour)
        return engine.answer(to: question, at: .start + .milliseconds(Int64(seconds * 1000)))?
            .completion.usage ?? Usage()
    }
}
