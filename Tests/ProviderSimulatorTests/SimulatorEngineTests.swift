import OrderedCollections
import ParleyCore
import ProviderSimulator
import Testing

@Suite struct SimulatorEngineTests {
    @Test func `The same seed and request give the same answer`() {
        var one = SimulatorEngine(settings: SimulatorSettings(seed: 7))
        var two = SimulatorEngine(settings: SimulatorSettings(seed: 7))
        for number in 0..<50 {
            let request = CompletionRequest.fixture("Tell me about \(number).")
            #expect(one.outcome(for: request, at: .start) == two.outcome(for: request, at: .start))
        }
    }

    @Test func `Another seed gives another answer`() {
        var one = SimulatorEngine(settings: SimulatorSettings(seed: 7))
        var two = SimulatorEngine(settings: SimulatorSettings(seed: 8))
        #expect(one.text(for: .fixture("Tell me.")) != two.text(for: .fixture("Tell me.")))
    }

    @Test func `The order of other requests changes no answer`() {
        var forward = SimulatorEngine(settings: SimulatorSettings())
        var backward = SimulatorEngine(settings: SimulatorSettings())
        let requests = (0..<20).map { CompletionRequest.fixture("Question \($0)") }
        let one = requests.map { forward.text(for: $0) }
        let two = requests.reversed().map { backward.text(for: $0) }
        #expect(one == two.reversed())
    }

    @Test func `Faults come at the rate that was asked for`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(errorRate: 0.2))
        let faulty = (0..<2000).count { engine.isFaulty(.fixture("Question \($0)")) }
        #expect(faulty > 340 && faulty < 460)
    }

    @Test func `A request that met a fault gets through when it is asked again`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(errorRate: 0.5))
        for number in 0..<200 {
            let request = CompletionRequest.fixture("Question \(number)")
            let tries = (0..<30).firstIndex { _ in !engine.isFaulty(request) }
            #expect(tries != nil)
        }
    }

    @Test func `Only the faults that have a weight are drawn`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(errorRate: 1, faults: [.unavailable: 1]))
        for number in 0..<50 {
            guard case .refused(let refusal) = engine.outcome(for: .fixture("\(number)"), at: .start) else {
                return #expect(Bool(false))
            }
            #expect(refusal.status == 503)
        }
    }

    @Test func `Fewer than 1,024 tokens are never cached, and more in steps of 128`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        for _ in 0..<2 {
            #expect(
                engine.usage(for: .fixture("short", system: String(repeating: "x", count: 4000)))?.cacheRead
                    == 0)
        }
        let system = String(repeating: "y", count: 1500 * 4)
        _ = engine.usage(for: .fixture("one", system: system))
        let usage = engine.usage(for: .fixture("two", system: system))
        #expect(usage?.cacheRead == 1408)
        #expect(usage.map { $0.inputTotal > 1500 } == true)
    }

    @Test func `Another model has a cache of its own`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let system = String(repeating: "y", count: 8000)
        _ = engine.usage(for: .fixture("one", system: system))
        #expect(engine.usage(for: .fixture("one", system: system, model: "simulator/other"))?.cacheRead == 0)
    }

    @Test func `An answer is cut at its most tokens`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        guard case .answered(let answer) = engine.outcome(for: .fixture("Tell.", maxTokens: 3), at: .start)
        else {
            return #expect(Bool(false))
        }
        #expect(answer.completion.finishReason == .length && answer.completion.usage?.output == 3)
        #expect(answer.pieces.joined() == answer.completion.text)
    }

    @Test func `Limits refuse what is too much, and fill again with time`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(requestsPerMinute: 60))
        for _ in 0..<60 { #expect(engine.refusal(for: .fixture("a"), at: .start) == nil) }
        let refusal = engine.refusal(for: .fixture("a"), at: .start)
        #expect(refusal?.status == 429 && refusal?.retryAfter == .seconds(1))
        #expect(engine.refusal(for: .fixture("a"), at: .start + .seconds(1)) == nil)
        #expect(engine.limitHeaders.map(\.name).contains("x-ratelimit-reset-requests"))
    }

    @Test func `Tokens are limited too`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(tokensPerMinute: 1000))
        let refusal = engine.refusal(for: .fixture(String(repeating: "x", count: 8000)), at: .start)
        #expect(refusal?.status == 429 && refusal?.limitedUnit == .tokens)
    }

    @Test func `A prompt longer than the context is refused for that`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(contextTokensMax: 10))
        let refusal = engine.refusal(for: .fixture(String(repeating: "x", count: 80)), at: .start)
        #expect(refusal?.kind == .contextTooLong)
    }

    @Test func `The latency stays within its swing`() {
        let settings = SimulatorSettings(
            latency: .milliseconds(200), latencyJitter: 0.5, firstTokenShare: 0.25)
        var engine = SimulatorEngine(settings: settings)
        for number in 0..<200 {
            guard case .answered(let answer) = engine.outcome(for: .fixture("\(number) x"), at: .start) else {
                continue
            }
            #expect(answer.latency >= .milliseconds(100) && answer.latency <= .milliseconds(300))
            #expect(answer.firstToken <= answer.latency / 3)
        }
    }
}

extension SimulatedRefusal {
    var limitedUnit: RateLimit.Unit? { if case .rateLimited(let limit) = reason { limit.unit } else { nil } }
}

extension SimulatorEngine {
    mutating func text(for request: CompletionRequest) -> String? {
        if case .answered(let answer) = outcome(for: request, at: .start) {
            answer.completion.text
        } else {
            nil
        }
    }

    mutating func usage(for request: CompletionRequest) -> Usage? {
        if case .answered(let answer) = outcome(for: request, at: .start) {
            answer.completion.usage
        } else {
            nil
        }
    }

    mutating func refusal(for request: CompletionRequest, at now: Timestamp) -> SimulatedRefusal? {
        if case .refused(let refusal) = outcome(for: request, at: now) { refusal } else { nil }
    }

    mutating func isFaulty(_ request: CompletionRequest) -> Bool {
        switch outcome(for: request, at: .start) {
        case .answered(let answer): answer.fault != nil
        case .refused: true
        }
    }
}

extension Timestamp {
    static let start = Timestamp(milliseconds: 1_800_000_000_000)
}

extension CompletionRequest {
    static func fixture(
        _ prompt: String, system: String? = nil, model: String = "simulator/any", maxTokens: Int? = nil,
        responseFormat: ResponseFormat = .text
    ) -> CompletionRequest {
        CompletionRequest(
            model: ModelName(model)!, system: system, messages: [.user(prompt)], maxTokens: maxTokens,
            responseFormat: responseFormat)
    }
}
