import GRDB
public import ParleyCore

/// A price and its row, which an answer's usage refers to.
public struct StoredPrice: Sendable, Hashable {
    public var id: PriceID
    public var price: Price
}

extension Store {
    /// Every price of every model, old and new.
    public func prices() async throws -> [StoredPrice] {
        try await read { database in
            try Row.fetchAll(
                database,
                SQLRequest(literal: "\(StoredPrice.select) ORDER BY provider, model, effective_from")
            ).map { try StoredPrice($0) }
        }
    }

    /// What the model's tokens cost at that moment; nil = unpriced.
    public func price(for model: ModelName, at moment: Timestamp) async throws -> StoredPrice? {
        try await read { database in
            try Row.fetchOne(
                database,
                SQLRequest(
                    literal: """
                        \(StoredPrice.select)
                        WHERE provider = \(model.provider.text) AND model = \(model.model)
                            AND effective_from <= \(moment.milliseconds)
                        ORDER BY effective_from DESC LIMIT 1
                        """)
            ).map { try StoredPrice($0) }
        }
    }

    /// Adds prices. One that has the same model and date as another replaces its figures; what was charged
    /// stays as it was.
    public func add(prices: [Price]) async throws {
        try await write { context in
            let upsert = try context.statement(
                """
                INSERT INTO prices (
                    provider, model, effective_from, input, output, cache_read, cache_write_5m,
                    cache_write_1h, reasoning, tiers, context_tokens_max, output_tokens_max, source)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
                ON CONFLICT (provider, model, effective_from) DO UPDATE SET
                    input = excluded.input, output = excluded.output, cache_read = excluded.cache_read,
                    cache_write_5m = excluded.cache_write_5m, cache_write_1h = excluded.cache_write_1h,
                    reasoning = excluded.reasoning, tiers = excluded.tiers,
                    context_tokens_max = excluded.context_tokens_max,
                    output_tokens_max = excluded.output_tokens_max, source = excluded.source
                """)
            for price in prices {
                upsert.bind(1, price.model.provider.text)
                upsert.bind(2, price.model.model)
                upsert.bind(3, price.effectiveFrom.milliseconds)
                upsert.bind(4, price.rates.input.value)
                upsert.bind(5, price.rates.output.value)
                upsert.bind(6, price.rates.cacheRead?.value)
                upsert.bind(7, price.rates.cacheWrite5m?.value)
                upsert.bind(8, price.rates.cacheWrite1h?.value)
                upsert.bind(9, price.rates.reasoning?.value)
                upsert.bind(10, JSON.array(price.tiers.map(\.json)).text())
                upsert.bind(11, price.contextTokensMax.map { Int64($0) })
                upsert.bind(12, price.outputTokensMax.map { Int64($0) })
                upsert.bind(13, price.source)
                try upsert.run()
            }
        }
    }
}

extension StoredPrice {
    fileprivate static let select: SQL = """
        SELECT id, provider, model, effective_from, input, output, cache_read, cache_write_5m, cache_write_1h,
            reasoning, tiers, context_tokens_max, output_tokens_max, source
        FROM prices
        """

    fileprivate init(_ row: Row) throws {
        func rate(_ index: Int) -> Picodollars? { (row[index] as Int64?).map { Picodollars($0) } }
        id = PriceID(row[0])
        price = Price(
            model: ModelName(provider: ProviderName(row[1]), model: row[2]),
            effectiveFrom: Timestamp(milliseconds: row[3]),
            rates: Price.Rates(
                input: Picodollars(row[4]), output: Picodollars(row[5]), cacheRead: rate(6),
                cacheWrite5m: rate(7), cacheWrite1h: rate(8), reasoning: rate(9)),
            tiers: try JSON(parsing: row[10] as String).arrayValue?.compactMap { Price.Tier($0) } ?? [],
            contextTokensMax: row[11], outputTokensMax: row[12], source: row[13])
    }
}

extension Price.Tier {
    /// The tier as it stands in the `tiers` column, rates in pico-dollars.
    fileprivate var json: JSON {
        func rate(_ value: Picodollars?) -> JSON { value.map { .int($0.value) } ?? .null }
        return [
            "input_above": .int(inputAbove), "input": rate(rates.input), "output": rate(rates.output),
            "cache_read": rate(rates.cacheRead), "cache_write_5m": rate(rates.cacheWrite5m),
            "cache_write_1h": rate(rates.cacheWrite1h), "reasoning": rate(rates.reasoning),
        ]
    }

    fileprivate init?(_ json: JSON) {
        func rate(_ name: String) -> Picodollars? {
            json[name]?.intValue.map { Picodollars(Int64($0)) }
        }
        guard let threshold = json["input_above"]?.intValue, let input = rate("input"),
            let output = rate("output")
        else { return nil }
        self.init(
            inputAbove: threshold,
            rates: Price.Rates(
                input: input, output: output, cacheRead: rate("cache_read"),
                cacheWrite5m: rate("cache_write_5m"), cacheWrite1h: rate("cache_write_1h"),
                reasoning: rate("reasoning")))
    }
}
