import OrderedCollections
import ParleyCore

/// One model of LiteLLM's price map.
struct PriceEntry {
    private let entry: JSON

    init(_ entry: JSON) { self.entry = entry }

    /// The price, without source and date; nil when the entry has none that can be charged.
    func price(of model: ModelName) throws(PriceEntryError) -> Price? {
        let bands = try bandedTiers()
        guard let base = try rates(in: entry, suffix: "") ?? bands?.first?.rates else { return nil }
        let isKnownFree = model.model.hasSuffix(":free") || Self.localProviders.contains(model.provider.text)
        if base.input == .zero, base.output == .zero, !isKnownFree { return nil }

        let tiers = if let bands { Array(bands.dropFirst()) } else { try suffixTiers(over: base) }
        return Price(
            model: model, effectiveFrom: Timestamp(milliseconds: 0), rates: base, tiers: tiers,
            contextTokensMax: count("max_input_tokens") ?? count("max_tokens"),
            outputTokensMax: count("max_output_tokens"), source: "")
    }

    private static let localProviders: Set = ["ollama", "vllm", "lmstudio", "llama.cpp"]

    /// The rates under the plain names, or under those with a suffix; nil when neither input nor output has one.
    private func rates(
        in entry: JSON, suffix: String, over base: Price.Rates? = nil
    ) throws(PriceEntryError) -> Price.Rates? {
        let input = try rate("input_cost_per_token" + suffix, in: entry)
        let output = try rate("output_cost_per_token" + suffix, in: entry)
        guard input != nil || output != nil else { return nil }
        return Price.Rates(
            input: input ?? base?.input ?? .zero,
            output: output ?? base?.output ?? .zero,
            cacheRead: try rate("cache_read_input_token_cost" + suffix, in: entry) ?? base?.cacheRead,
            cacheWrite5m: try rate("cache_creation_input_token_cost" + suffix, in: entry)
                ?? base?.cacheWrite5m,
            cacheWrite1h: try rate("cache_creation_input_token_cost_above_1hr" + suffix, in: entry)
                ?? base?.cacheWrite1h,
            reasoning: try rate("output_cost_per_reasoning_token" + suffix, in: entry) ?? base?.reasoning)
    }

    /// `…_above_200k_tokens`: other rates for the whole request once its input is longer.
    private func suffixTiers(over base: Price.Rates) throws(PriceEntryError) -> [Price.Tier] {
        let thresholds = Set((entry.objectValue ?? [:]).keys.compactMap(Self.threshold))
        var tiers: [Price.Tier] = []
        for thousands in thresholds.sorted() {
            let suffix = "_above_\(thousands)k_tokens"
            if let rates = try rates(in: entry, suffix: suffix, over: base) {
                tiers.append(Price.Tier(inputAbove: thousands * 1000, rates: rates))
            }
        }
        return tiers
    }

    /// The thousands in a name that ends in `_above_{N}k_tokens`.
    static func threshold(in name: String) -> Int? {
        guard name.hasSuffix("k_tokens") else { return nil }
        let parts = name.dropLast("k_tokens".count).split(separator: "_")
        guard parts.count > 2, parts[parts.count - 2] == "above" else { return nil }
        return parts.last.flatMap { Int($0) }
    }

    /// `tiered_pricing`: a list of rates, each with the range of input tokens in which it holds.
    private func bandedTiers() throws(PriceEntryError) -> [Price.Tier]? {
        guard let bands = entry["tiered_pricing"]?.arrayValue else { return nil }
        var tiers: [Price.Tier] = []
        for band in bands {
            guard let start = band["range"]?.arrayValue?.first?.intValue, start >= 0 else {
                throw PriceEntryError(field: "tiered_pricing", value: "a band without its range")
            }
            if let rates = try rates(in: band, suffix: "", over: tiers.first?.rates) {
                tiers.append(Price.Tier(inputAbove: start, rates: rates))
            }
        }
        return tiers.isEmpty ? nil : tiers.sorted { $0.inputAbove < $1.inputAbove }
    }

    private func rate(_ field: String, in entry: JSON) throws(PriceEntryError) -> Picodollars? {
        let literal: String
        switch entry[field] {
        case nil, .null: return nil
        case .number(let text), .string(let text): literal = text
        case .some(let other): throw PriceEntryError(field: field, value: other.kindName)
        }
        guard let rate = Picodollars(dollars: literal) else {
            throw PriceEntryError(field: field, value: literal)
        }
        return rate
    }

    private func count(_ field: String) -> Int? {
        let value = entry[field]
        return (value?.intValue ?? value?.stringValue.flatMap { Int($0) }).flatMap { $0 > 0 ? $0 : nil }
    }
}

/// A figure of an entry that is no price.
struct PriceEntryError: Error, Equatable, CustomStringConvertible {
    let field: String
    let value: String

    var description: String { "\(field) is no price: \(value)" }
}
