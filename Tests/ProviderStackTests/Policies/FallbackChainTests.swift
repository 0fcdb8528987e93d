import ParleyCore
import ProviderStack
import Testing

@Suite struct FallbackChainTests {
    private let chain = FallbackChain(
        ModelName("a/1")!, fallbacks: [ModelName("b/2")!, ModelName("a/1")!, ModelName("ollama/3")!])

    @Test func `A model stands in the chain once`() {
        #expect(chain.candidates.map(\.description) == ["a/1", "b/2", "ollama/3"])
    }

    @Test func `A retry stays with the model`() {
        #expect(
            chain.step(after: .fixture(.overloaded), of: 0, retryDelay: .seconds(2))
                == .retry(after: .seconds(2)))
    }

    @Test func `When the retries are used up the next one is asked`() {
        #expect(chain.step(after: .fixture(.overloaded), of: 0, retryDelay: nil) == .next(index: 1))
    }

    @Test(arguments: [Failure.Kind.quotaExhausted, .circuitOpen, .unauthorized, .contextTooLong])
    func `What another might do better goes to the next at once`(kind: Failure.Kind) {
        #expect(chain.step(after: .fixture(kind), of: 1, retryDelay: nil) == .next(index: 2))
    }

    @Test(arguments: [Failure.Kind.rejected, .contentRefused, .cancelled, .budgetReached])
    func `What nobody does better is given up`(kind: Failure.Kind) {
        #expect(chain.step(after: .fixture(kind), of: 0, retryDelay: .seconds(1)) == .giveUp)
    }

    @Test func `The last one's failure is final`() {
        #expect(chain.step(after: .fixture(.unauthorized), of: 2, retryDelay: nil) == .giveUp)
    }

    @Test func `One that cannot be used is skipped`() {
        let step = chain.step(after: .fixture(.unauthorized), of: 0, retryDelay: nil) { $0.provider != "b" }
        #expect(step == .next(index: 2))
    }
}

@Suite struct TokenEstimateTests {
    @Test func `Four bytes are a token, and each turn costs a little`() {
        let estimate = TokenEstimate.of(
            .fixture(system: "12345678", messages: [.user("1234"), .assistant("12345")]))
        #expect(estimate.tokens == 5 + 3 * TokenEstimate.tokensPerMessage)
        #expect(estimate.method == "chars/4")
    }

    @Test func `Tools and schemas count`() {
        let plain = TokenEstimate.of(.fixture()).tokens
        #expect(TokenEstimate.of(.fixture(tools: [.fixture()])).tokens > plain + 10)
    }
}
