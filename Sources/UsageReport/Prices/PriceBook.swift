public import ParleyCore

/// All prices that are known, to look one up for a moment.
public struct PriceBook: Sendable {
    /// Per model, the oldest first.
    private let prices: [ModelName: [Price]]

    public init(_ prices: some Sequence<Price>) {
        self.prices = Dictionary(grouping: prices, by: \.model)
            .mapValues { $0.sorted { $0.effectiveFrom < $1.effectiveFrom } }
    }

    /// The price that held at that moment; nil when the model had none yet.
    public func price(of model: ModelName, at moment: Timestamp) -> Price? {
        prices[model]?.last { $0.effectiveFrom <= moment }
    }

    /// The models in alphabetical order.
    public var models: [ModelName] { prices.keys.sorted { $0.description < $1.description } }

    /// All prices of a model, the oldest first.
    public func history(of model: ModelName) -> [Price] { prices[model] ?? [] }
}
