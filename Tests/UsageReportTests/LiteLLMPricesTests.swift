import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `Prices from LiteLLM` {
    private func read(_ text: String) throws -> LiteLLMPrices {
        try LiteLLMPrices(
            map: JSON(parsing: text), source: "litellm 1.80.0", effectiveFrom: Timestamp(milliseconds: 7))
    }

    @Test func `Costs per token become exact pico-dollars, whether numbers or strings`() throws {
        let price = try #require(
            try read(
                """
                {"sample_spec": {"input_cost_per_token": 0},
                 "gpt-4.1-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 4e-07,
                   "output_cost_per_token": "1.6e-06", "cache_read_input_token_cost": 1e-07,
                   "max_input_tokens": 1047576, "max_output_tokens": "32768"}}
                """
            ).prices.first)
        #expect(price.model.description == "openai/gpt-4.1-mini")
        #expect(price.rates.input == Picodollars(400_000))
        #expect(price.rates.output == Picodollars(1_600_000))
        #expect(price.rates.cacheRead == Picodollars(100_000))
        #expect(price.contextTokensMax == 1_047_576)
        #expect(price.outputTokensMax == 32_768)
        #expect(price.source == "litellm 1.80.0")
        #expect(price.effectiveFrom == Timestamp(milliseconds: 7))
    }

    @Test func `Rates for long prompts become a tier, with the base rate where the tier has none`() throws {
        let price = try #require(
            try read(
                """
                {"claude": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-06,
                  "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
                  "cache_creation_input_token_cost": 3.75e-06, "cache_creation_input_token_cost_above_1hr": 6e-06,
                  "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token_above_200k_tokens": 2.25e-05,
                  "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06,
                  "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05}}
                """
            ).prices.first)
        #expect(price.rates.cacheWrite1h == Picodollars(6_000_000))
        let tier = try #require(price.tiers.first)
        #expect(price.tiers.count == 1)
        #expect(tier.inputAbove == 200_000)
        #expect(tier.rates.input == Picodollars(6_000_000))
        #expect(tier.rates.cacheRead == Picodollars(300_000))
        #expect(tier.rates.cacheWrite5m == Picodollars(7_500_000))
        #expect(tier.rates.cacheWrite1h == Picodollars(12_000_000))
    }

    @Test func `A list of ranges becomes a base and tiers`() throws {
        let price = try #require(
            try read(
                """
                {"dashscope/qwen": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
                  {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07},
                  {"range": [256000.0, 1000000.0], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06}]}}
                """
            ).prices.first)
        #expect(price.model.description == "dashscope/qwen")
        #expect(price.rates.input == Picodollars(50_000))
        #expect(price.tiers.map(\.inputAbove) == [256_000])
    }

    @Test func `Providers get our names, and a prefix that repeats them goes`() throws {
        let map = try read(
            """
            {"xai/grok-4": {"litellm_provider": "xai", "input_cost_per_token": 1, "output_cost_per_token": 1},
             "openrouter/a/b": {"litellm_provider": "openrouter", "input_cost_per_token": 1, "output_cost_per_token": 1}}
            """)
        #expect(map.prices.map(\.model.description) == ["grok/grok-4", "openrouter/a/b"])
    }

    @Test func `What is not for text, has no price or says zero is left out and counted`() throws {
        let map = try read(
            """
            {"dall-e": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1},
             "mystery": {"litellm_provider": "openai", "mode": "chat"},
             "seat": {"litellm_provider": "copilot", "mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0},
             "openrouter/x:free": {"litellm_provider": "openrouter", "input_cost_per_token": 0, "output_cost_per_token": 0},
             "odd": {"litellm_provider": "openai", "input_cost_per_token": "cheap"}}
            """)
        #expect(map.prices.map(\.model.description) == ["openrouter/x:free"])
        #expect(map.skipped == [.notForText: 1, .noPrice: 2])
        #expect(map.problems == ["odd: input_cost_per_token is no price: cheap"])
    }

    @Test func `A file that is no map is refused`() {
        #expect(throws: LiteLLMPricesError.notAnObject("an array")) { try read("[]") }
    }

    @Test func `The price book finds what held at a moment`() {
        let book = PriceBook([.fixture(from: 200, input: 2), .fixture(from: 100, input: 1)])
        let model = ModelName(provider: "openai", model: "gpt")
        #expect(book.price(of: model, at: Timestamp(milliseconds: 99)) == nil)
        #expect(book.price(of: model, at: Timestamp(milliseconds: 199))?.rates.input == Picodollars(1))
        #expect(book.price(of: model, at: Timestamp(milliseconds: 200))?.rates.input == Picodollars(2))
    }
}
