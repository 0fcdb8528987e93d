import ParleyCore
import Testing

@testable import ConversationStore

struct PriceTests {
    private let model = ModelName("openai/gpt-4o-mini")!

    private func price(from moment: Timestamp, input: Int64, source: String = "test") -> Price {
        let rates = Price.Rates(
            input: Picodollars(input), output: Picodollars(600_000), cacheRead: Picodollars(75_000))
        var longer = rates
        longer.input = Picodollars(input * 2)
        return Price(
            model: model, effectiveFrom: moment, rates: rates,
            tiers: [Price.Tier(inputAbove: 200_000, rates: longer)], contextTokensMax: 128_000, source: source
        )
    }

    @Test func `The prices that parley comes with are there, with their source`() async throws {
        let test = try await TestStore()
        let stored = try #require(try await test.store.price(for: model, at: test.clock.time.now))
        #expect(stored.price.rates.input == Picodollars(dollars: "0.00000015"))
        #expect(stored.price.source.hasPrefix("litellm 1."))
        let prices = try await test.store.prices().map(\.price)
        let providers = Set(prices.map(\.model.provider.text))
        let expected: Set = [
            "openai", "anthropic", "deepseek", "gemini", "grok", "mistral", "groq", "simulator",
        ]
        #expect(providers == expected)
        #expect(prices.filter { $0.model.provider == "simulator" }.allSatisfy { $0.source == "simulated" })
    }

    @Test func `The newest price that holds already is taken`() async throws {
        let test = try await TestStore()
        let now = test.clock.time.now
        try await test.store.add(prices: [
            price(from: now + .seconds(60), input: 9), price(from: now - .seconds(60), input: 7),
        ])
        #expect(try await test.store.price(for: model, at: now)?.price.rates.input == Picodollars(7))
        let later = now + .seconds(60)
        #expect(try await test.store.price(for: model, at: later)?.price.rates.input == Picodollars(9))
    }

    @Test func `An unknown model has no price`() async throws {
        let test = try await TestStore()
        let unknown = try #require(ModelName("openai/gpt-4o-mini-but-not-quite"))
        #expect(try await test.store.price(for: unknown, at: test.clock.time.now) == nil)
    }

    @Test func `A price survives with its tiers and limits`() async throws {
        let test = try await TestStore()
        let first = price(from: test.clock.time.now, input: 7)
        try await test.store.add(prices: [first])
        #expect(try await test.store.price(for: model, at: test.clock.time.now)?.price == first)
        let second = price(from: test.clock.time.now, input: 8, source: "correction")
        try await test.store.add(prices: [second])
        #expect(try await test.store.price(for: model, at: test.clock.time.now)?.price == second)
    }
}
