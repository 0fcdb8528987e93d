import OrderedCollections
public import ParleyCore

/// Prices as a table, in dollars for a million tokens: the unit in which providers name them.
public enum PriceTable {
    public static func table(_ prices: [Price], titled title: String, _ name: (Price) -> String) -> TextTable
    {
        TextTable(
            columns: [.init(title)]
                + ["input", "output", "cache read", "cache write", "from tokens"].map { .init($0, .right) },
            rows: prices.flatMap { price in
                [row(name(price), price.rates, above: nil)]
                    + price.tiers.map { row("", $0.rates, above: $0.inputAbove) }
            })
    }

    private static func row(_ name: String, _ rates: Price.Rates, above: Int?) -> [String] {
        [
            name, perMillion(rates.input), perMillion(rates.output), rates.cacheRead.map(perMillion) ?? "–",
            rates.cacheWrite5m.map(perMillion) ?? "–", above.map { "> \(Figures.compact(Double($0)))" } ?? "",
        ]
    }

    private static func perMillion(_ rate: Picodollars) -> String { (rate * 1_000_000).dollars }
}

extension Price {
    /// The price as JSON; rates in dollars per token, exact.
    public var json: JSON {
        var object: JSONObject = [
            "model": .string(model.description), "effective_from": .string(effectiveFrom.iso8601),
        ]
        for (name, value) in rates.members { object[name] = value }
        object["tiers"] = .array(tiers.map(\.json))
        object["context_tokens_max"] = contextTokensMax.map { .int($0) } ?? .null
        object["output_tokens_max"] = outputTokensMax.map { .int($0) } ?? .null
        object["source"] = .string(source)
        return .object(object)
    }
}

extension Price.Tier {
    fileprivate var json: JSON {
        var object: JSONObject = ["input_above": .int(inputAbove)]
        for (name, value) in rates.members { object[name] = value }
        return .object(object)
    }
}

extension Price.Rates {
    fileprivate var members: JSONObject {
        [
            "input_usd": .string(input.dollars), "output_usd": .string(output.dollars),
            "cache_read_usd": .init(cacheRead?.dollars), "cache_write_usd": .init(cacheWrite5m?.dollars),
            "cache_write_1h_usd": .init(cacheWrite1h?.dollars), "reasoning_usd": .init(reasoning?.dollars),
        ]
    }
}
