import ConversationStore
import ParleyCore
import Synchronization

/// The prices that hold during a run, each looked up once.
final class PriceBook: Sendable {
    private let store: Store
    private let time: TimeSource
    private let known = Mutex<[ModelName: StoredPrice?]>([:])

    init(store: Store, time: TimeSource) {
        self.store = store
        self.time = time
    }

    /// The price of the model, or nil when it is unpriced.
    func price(of model: ModelName) async throws -> StoredPrice? {
        if let found = known.withLock({ $0[model] }) { return found }
        let found = try await store.price(for: model, at: time.now)
        known.withLock { $0[model] = .some(found) }
        return found
    }
}

extension StoredPrice {
    /// Used as the longest answer of a model for which neither the request nor the price table names a limit.
    static let outputTokensAssumedMax = 131_072

    /// The most that the request can cost: all of its input uncached and the longest answer, at the dearest rates that
    /// its length can reach.
    func worstCase(inputTokens: Int, outputTokensMax: Int?) -> Picodollars {
        let output = outputTokensMax ?? price.outputTokensMax ?? Self.outputTokensAssumedMax
        let plain = price.cost(of: Usage(inputUncached: inputTokens, output: output, reasoning: 0))
        let written = price.cost(of: Usage(cacheWrite5m: inputTokens, output: output))
        let thought = price.cost(of: Usage(inputUncached: inputTokens, output: output, reasoning: output))
        return max(plain, written, thought)
    }
}
