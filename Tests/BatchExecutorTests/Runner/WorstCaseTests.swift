import ConversationStore
import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct WorstCaseTests {
    private let model = ModelName("openai/gpt-fixture")!

    private func price(
        _ rates: Price.Rates = .init(input: Picodollars(10), output: Picodollars(100)),
        tiers: [Price.Tier] = [],
        contextMax: Int? = nil, outputMax: Int? = nil
    ) -> Price {
        Price(
            model: model, effectiveFrom: Timestamp(milliseconds: 0), rates: rates, tiers: tiers,
            contextTokensMax: contextMax, outputTokensMax: outputMax, source: "fixture")
    }

    private func request(_ text: String = "Hi", maxTokens: Int? = 50) -> CompletionRequest {
        CompletionRequest(model: model, messages: [.user(text)], maxTokens: maxTokens)
    }

    private func tokens(_ request: CompletionRequest) -> Int {
        WorstCase(of: request, price: price()).inputTokens
    }

    @Test func `Every byte that is sent may be a token`() {
        #expect(tokens(request("äöü")) - tokens(request("")) == 6)
        var more = request()
        more.system = "12345"
        #expect(tokens(more) - tokens(request()) == 5)
    }

    @Test func `Tools, schemas, calls, reasoning and options count`() {
        let plain = tokens(request())
        var other = request()
        other.tools = [ToolDefinition(name: "find", summary: "Finds.", parameters: ["type": "object"])]
        #expect(tokens(other) - plain == 2048 + 64 + 4 + 6 + #"{"type":"object"}"#.utf8.count)

        other = request()
        other.responseFormat = .jsonSchema(name: "answer", schema: ["type": "object"], strict: true)
        #expect(tokens(other) - plain == 1024 + 6 + #"{"type":"object"}"#.utf8.count)

        other = request()
        other.options = ["user": "ada"]
        #expect(tokens(other) - plain == #"{"user":"ada"}"#.utf8.count)

        other = request()
        other.messages[0].reasoning = "Hmm."
        #expect(tokens(other) - plain == 4)
        other.messages[0].continuation = ["dialect": "anthropic"]
        #expect(tokens(other) - plain == 4 + #"{"dialect":"anthropic"}"#.utf8.count)
    }

    @Test func `Options that bring in more than they say are bound by the context alone`() {
        var other = request()
        other.options = ["web_search_options": [:]]
        #expect(WorstCase(of: other, price: price(contextMax: 128_000)).inputTokens == 128_000)
        #expect(WorstCase(of: other, price: price()).inputTokens == WorstCase.contextAssumedMax)
    }

    @Test func `The answer is as long as the request, else the price table, else nobody says`() {
        #expect(WorstCase(of: request(), price: price(outputMax: 700)).outputTokens == 50)
        #expect(WorstCase(of: request(maxTokens: nil), price: price(outputMax: 700)).outputTokens == 700)
        #expect(
            WorstCase(of: request(maxTokens: nil), price: price()).outputTokens == WorstCase.outputAssumedMax)
    }

    @Test func `A provider that is not told the limit may go to its own`() {
        #expect(
            WorstCase(of: request(), price: price(outputMax: 700), isLimited: false).outputTokens == 700)
    }

    @Test func `Options can ask for longer answers, for thinking, and for several at once`() {
        var other = request()
        other.options = ["max_completion_tokens": 80]
        #expect(WorstCase(of: other, price: price()).outputTokens == 80)
        other.options = ["options": ["num_predict": 90]]
        #expect(WorstCase(of: other, price: price()).outputTokens == 90)
        other.options = ["thinking": ["budget_tokens": 1000]]
        #expect(WorstCase(of: other, price: price()).outputTokens == 1050)
        other.options = ["n": 3]
        #expect(WorstCase(of: other, price: price()).outputTokens == 150)
    }

    @Test func `The dearest rate that a token can meet is the one that counts`() {
        let worst = WorstCase(of: request(), price: price())
        func cost(_ rates: Price.Rates) -> Int64 { worst.cost(at: price(rates)).value }
        let input = Int64(worst.inputTokens)
        var rates = Price.Rates(input: Picodollars(10), output: Picodollars(100))
        #expect(cost(rates) == input * 10 + 5000)
        rates.cacheWrite5m = Picodollars(12)
        #expect(cost(rates) == input * 12 + 5000)
        rates.cacheWrite1h = Picodollars(20)
        #expect(cost(rates) == input * 20 + 5000)
        rates.reasoning = Picodollars(300)
        #expect(cost(rates) == input * 20 + 15000)
    }

    @Test func `A tier counts when the input can reach it, and only when it is dearer`() {
        let worst = WorstCase(of: request(), price: price())
        let plain = worst.cost(at: price())
        func tier(_ above: Int, _ rate: Int64) -> Price.Tier {
            .init(inputAbove: above, rates: .init(input: Picodollars(rate), output: Picodollars(100)))
        }
        #expect(worst.cost(at: price(tiers: [tier(worst.inputTokens, 90)])) == plain)
        #expect(worst.cost(at: price(tiers: [tier(10, 90)])) > plain)
        #expect(worst.cost(at: price(tiers: [tier(10, 1)])) == plain)
    }

    @Test func `A surcharge is rounded up`() {
        let worst = WorstCase(of: request(), price: price())
        let plain = worst.cost(at: price()).value
        #expect(worst.cost(at: price(), surchargePercent: 101).value == (plain * 101 + 99) / 100)
    }

    @Test func `Counts beyond all reason do not overflow`() {
        var other = request(maxTokens: .max)
        other.options = ["n": 1_000_000, "max_tokens": .int(Int.max)]
        let worst = WorstCase(of: other, price: price())
        #expect(
            worst.cost(at: price(.init(input: Picodollars(1 << 40), output: Picodollars(1 << 40))))
                == WorstCase.costMax)
    }

    @Test func `No usage within the bounds costs more`() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            func rate() -> Picodollars { Picodollars(Int64.random(in: 0...1000, using: &random)) }
            func maybe() -> Picodollars? { Bool.random(using: &random) ? rate() : nil }
            func rates() -> Price.Rates {
                .init(
                    input: rate(), output: rate(), cacheRead: maybe(), cacheWrite5m: maybe(),
                    cacheWrite1h: maybe(), reasoning: maybe())
            }
            let price = price(
                rates(), tiers: [.init(inputAbove: Int.random(in: 1...600, using: &random), rates: rates())])
            let worst = WorstCase(of: request(maxTokens: 40), price: price)
            var left = worst.inputTokens
            func part() -> Int {
                let part = Int.random(in: 0...left, using: &random)
                left -= part
                return part
            }
            let output = Int.random(in: 0...40, using: &random)
            let usage = Usage(
                inputUncached: part(), cacheRead: part(), cacheWrite5m: part(), cacheWrite1h: part(),
                output: output, reasoning: Int.random(in: 0...output, using: &random))
            #expect(price.cost(of: usage) <= worst.cost(at: price))
        }
    }
}

@Suite struct FailureChargeTests {
    private func failure(_ kind: Failure.Kind, status: Int? = nil, usage: Usage? = nil) -> Failure {
        Failure(kind: kind, provider: "openai", status: status, message: "no", usage: usage)
    }

    @Test(arguments: [Failure.Kind.rateLimited, .quotaExhausted, .unauthorized, .overloaded, .contextTooLong])
    func `A refusal before any work costs nothing`(kind: Failure.Kind) {
        #expect(!failure(kind).mayCostMore)
    }

    @Test(arguments: [Failure.Kind.timedOut, .streamBroken, .unreachable, .malformedReply, .contentRefused])
    func `Work whose end nobody saw may be charged`(kind: Failure.Kind) {
        #expect(failure(kind).mayCost(upTo: Picodollars(60), beyond: nil) == Picodollars(60))
    }

    @Test func `Without a connection nothing can be charged`() {
        var failure = failure(.timedOut)
        failure.isUnsent = true
        #expect(failure.mayCost(upTo: Picodollars(60), beyond: nil) == nil)
    }

    @Test func `The figures of a whole answer are all there is to charge`() {
        let known = failure(.emptyReply, usage: Usage(output: 1))
        #expect(known.mayCost(upTo: Picodollars(60), beyond: Picodollars(10)) == nil)
        // Nobody can say what the figures cost.
        #expect(known.mayCost(upTo: Picodollars(60), beyond: nil) == Picodollars(60))
    }

    @Test func `The figures of a part leave the rest open`() {
        let broken = failure(.streamBroken, usage: Usage(output: 1))
        #expect(broken.mayCost(upTo: Picodollars(60), beyond: Picodollars(10)) == Picodollars(50))
        #expect(broken.mayCost(upTo: Picodollars(60), beyond: Picodollars(60)) == nil)
    }

    @Test func `A gateway that gave up waiting says nothing of whoever stands behind it`() {
        #expect(failure(.overloaded, status: 504).mayCostMore)
        #expect(!failure(.overloaded, status: 503).mayCostMore)
        #expect(failure(.rejected, status: 200).mayCostMore)
        #expect(!failure(.rejected, status: 400).mayCostMore)
    }
}
