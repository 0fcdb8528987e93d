import ParleyCore
import UsageReport

extension BilledUsage {
    static func fixture(
        requests: Int = 10, failures: Int = 1, input: Int = 600, cacheRead: Int = 400, output: Int = 200,
        cost: Int64 = 21_300_000_000, unpriced: Int = 0
    ) -> BilledUsage {
        BilledUsage(
            requests: requests, failures: failures,
            usage: Usage(inputUncached: input, cacheRead: cacheRead, output: output), cost: Picodollars(cost),
            unpriced: unpriced)
    }
}

extension GroupedUsage {
    static func fixture(by dimensions: [String] = ["model"], _ lines: [(String, BilledUsage)]) -> GroupedUsage
    {
        GroupedUsage(by: dimensions, lines: lines.map { Line(keys: [$0.0], billed: $0.1) })
    }
}

extension Price {
    static func fixture(
        _ model: ModelName = ModelName(provider: "openai", model: "gpt"), from: Int64 = 0, input: Int64 = 100,
        output: Int64 = 400, cacheRead: Int64? = 10, cacheWrite: Int64? = nil, tiers: [Price.Tier] = []
    ) -> Price {
        Price(
            model: model, effectiveFrom: Timestamp(milliseconds: from),
            rates: Rates(
                input: Picodollars(input), output: Picodollars(output),
                cacheRead: cacheRead.map { Picodollars($0) },
                cacheWrite5m: cacheWrite.map { Picodollars($0) }),
            tiers: tiers, source: "test")
    }
}
