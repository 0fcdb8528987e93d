import ParleyCore
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        ("1.5e-07", Int64(150_000)), ("0.00000015", 150_000), ("5", 5_000_000_000_000), ("2.5E-6", 2_500_000),
        ("0", 0), ("0.0", 0), ("1e-12", 1), ("4e-13", 0), ("5e-13", 1), ("1.0e0", 1_000_000_000_000),
        ("0001.50", 1_500_000_000_000), ("9e6", 9_000_000_000_000_000_000),
    ]) func `Dollars are read exactly`(literal: String, value: Int64) {
        #expect(Picodollars(dollars: literal)?.value == value)
    }

    @Test(arguments: ["", "-1", "1e7000", "abc", "1e", ".", "99999999999", "1.2.3", "٣"])
    func `What is no amount is refused`(literal: String) {
        #expect(Picodollars(dollars: literal) == nil)
    }

    @Test func `Dollars are written exactly`() {
        #expect(Picodollars(123_000_000).dollars == "0.000123")
        #expect(Picodollars(5_000_000_000_000).dollars == "5.00")
        #expect(Picodollars(-1).dollars == "-0.000000000001")
    }

    @Test func `What is written is read as the same amount`() {
        for value in [0, 1, 999_999_999_999, 1_000_000_000_001, Int64.max] {
            #expect(Picodollars(dollars: Picodollars(value).dollars)?.value == value)
        }
    }

    private static let rates = Price.Rates(
        input: Picodollars(100), output: Picodollars(1000), cacheRead: Picodollars(10),
        cacheWrite5m: Picodollars(125), cacheWrite1h: Picodollars(200))

    private static func price(_ rates: Price.Rates, tiers: [Price.Tier] = []) -> Price {
        Price(
            model: ModelName("test/model")!, effectiveFrom: Timestamp(milliseconds: 0), rates: rates,
            tiers: tiers,
            source: "test")
    }

    @Test func `Each bucket is charged once at its own rate`() {
        let usage = Usage(
            inputUncached: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 2)
        #expect(Self.price(Self.rates).cost(of: usage).value == 100 + 20 + 375 + 800 + 5000)
    }

    @Test func `A cache read without a rate of its own costs as much as plain input`() {
        let price = Self.price(.init(input: Picodollars(7), output: Picodollars(1)))
        #expect(price.cost(of: Usage(cacheRead: 3)).value == 21)
    }

    @Test func `Reasoning with a rate of its own is not charged as output too`() {
        var rates = Self.rates
        rates.reasoning = Picodollars(3000)
        #expect(Self.price(rates).cost(of: Usage(output: 5, reasoning: 2)).value == 3 * 1000 + 2 * 3000)
    }

    @Test func `A threshold counts all input and reprices the whole request`() {
        let dear = Price.Rates(input: Picodollars(200), output: Picodollars(2000))
        let price = Self.price(Self.rates, tiers: [.init(inputAbove: 10, rates: dear)])
        #expect(price.cost(of: Usage(inputUncached: 10)).value == 1000)
        #expect(price.cost(of: Usage(inputUncached: 5, cacheRead: 6, output: 1)).value == 11 * 200 + 2000)
    }

    @Test func `A model's name is divided at the first slash only`() {
        let name = ModelName("openrouter/meta-llama/llama-3.1-8b")
        #expect(name?.provider == "openrouter")
        #expect(name?.model == "meta-llama/llama-3.1-8b")
        #expect(ModelName("gpt-4o") == nil)
        #expect(ModelName("/x") == nil)
        #expect(ModelName("x/") == nil)
    }
}
