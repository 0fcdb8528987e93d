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
    }

    @Test func `Tokens are limited too`() {
        var engine = SimulatorEngine(settings: SimulatorSettings(tokensPerMinute: 1000))
        let refusal = engine.refusal(for: .fixture(String(repeating: "x", count: 8000)), at: .start)
        #expect(refusal?.status == 429 && refusal?.limitedUnit == .tokens)
    }

    @Test func `Input and output can be limited apart`() {
        var input = SimulatorEngine(settings: SimulatorSettings(inputTokensPerMinute: 100))
        let long = CompletionRequest.fixture(String(repeating: "x", count: 800))
        #expect(input.refusal(for: long, at: .start)?.limitedUnit == .inputTokens)
        var output = SimulatorEngine(settings: SimulatorSettings(outputTokensPerMinute: 2))
        #expect(output.refusal(for: .fixture("Tell."), at: .start)?.limitedUnit == .outputTokens)
        #expect(output.refusal(for: .fixture("Tell.", maxTokens: 1), at: .start) == nil)
    }

    @Test func `A model with the word in its name thinks first, and its thoughts are counted`() throws {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let question = SimulatedQuestion(.fixture("What is 2 + 2?", model: "simulator/sim-reasoner"))
        let answer = engine.answer(to: question)
        let completion = try #require(answer).completion
        let usage = try #require(completion.usage)
        #expect(completion.text == "The answer is 4." && completion.reasoning?.isEmpty == false)
        #expect(usage.reasoning > 0 && usage.output == usage.reasoning + 4)
        let other = engine.answer(to: SimulatedQuestion(.fixture("What is 2 + 2?")))
        #expect(other != nil && other?.completion.reasoning == nil)
    }

    @Test func `Thoughts may leave no token for the text`() throws {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        let question = SimulatedQuestion(
            .fixture("What is 2 + 2?", model: "simulator/sim-reasoner", maxTokens: 3))
        let answer = engine.answer(to: question)
        let completion = try #require(answer).completion
        #expect(completion.text.isEmpty && completion.finishReason == .length)
        #expect(completion.usage?.output == 3 && completion.usage?.reasoning == 3)
    }

    @Test func `A stop sequence ends the text before itself`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        var request = CompletionRequest.fixture("What is 2 + 2?")
        request.stop = ["is"]
        let answer = engine.answer(to: SimulatedQuestion(request))
        #expect(answer?.completion.text == "The answer " && answer?.stopSequence == "is")
    }

    @Test func `All results of the last calls are read`() {
        var engine = SimulatorEngine(settings: SimulatorSettings())
        var request = CompletionRequest.fixture("Look both up.")
        request.messages += [
            Message(role: .tool, content: "one", toolCallID: "a"),
            Message(role: .tool, content: "two", toolCallID: "b", isError: true),
        ]
        #expect(engine.text(for: request) == "The tool answered: one; an error: two")
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

    mutating func answer(to question: SimulatedQuestion, at now: Timestamp = .start) -> SimulatedAnswer? {
        if case .answered(let answer) = outcome(for: question, at: now) { answer } else { nil }
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
