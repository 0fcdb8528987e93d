import ConversationStore
import ParleyCore
import Synchronization

/// The prices that hold during a run. Each is looked up now and then, so that one that begins or is imported meanwhile
/// takes effect; a request is reserved and billed by the same one.
final class PriceBook: Sendable {
    private struct Entry: Sendable {
        var price: StoredPrice?
        var readAt: Timestamp
    }

    private struct State: Sendable {
        var entries: [ModelName: Entry] = [:]
        /// What providers have been seen to charge, the table's price being 100; at least that.
        var surcharges: [ModelName: Int] = [:]
    }

    /// How long a price is believed.
    private static let holdsFor = Duration.seconds(60)

    private let store: Store
    private let time: TimeSource
    private let state = Mutex(State())

    init(store: Store, time: TimeSource) {
        self.store = store
        self.time = time
    }

    /// The price of the model, or nil when it is unpriced.
    func price(of model: ModelName) async throws -> StoredPrice? {
        let now = time.now
        let known = state.withLock { state -> StoredPrice?? in
            guard let entry = state.entries[model] else { return nil }
            if now.since(entry.readAt) < Self.holdsFor { return .some(entry.price) }
            // Whoever comes first looks again; the others go on with what was known.
            state.entries[model]?.readAt = now
            return nil
        }
        if let known { return known }
        let found = try await store.price(for: model, at: now)
        state.withLock { $0.entries[model] = Entry(price: found, readAt: now) }
        return found
    }

    /// The most that the request can cost.
    func worstCase(of request: CompletionRequest, at price: Price, isLimited: Bool) -> Picodollars {
        WorstCase(of: request, price: price, isLimited: isLimited)
            .cost(at: price, surchargePercent: state.withLock { $0.surcharges[request.model] ?? 100 })
    }

    /// Learns from what was charged: a provider that charges more than the table says, or gives longer answers than it
    /// was allowed, is reckoned with accordingly from then on. True when that is news.
    func note(
        _ cost: Picodollars, of usage: Usage, worstCase: Picodollars, at price: Price
    ) -> Bool {
        let expected = price.cost(of: usage)
        let isDearer = usage.reportedCost != nil && cost > expected && expected > .zero
        guard isDearer || cost > worstCase, worstCase > .zero else { return false }
        return state.withLock { state in
            let known = state.surcharges[price.model] ?? 100
            var percent = known
            if isDearer { percent = max(percent, Self.percent(cost, of: expected)) }
            if cost > worstCase {
                percent = max(percent, Self.percent(cost, of: worstCase) * known / 100 + 1)
            }
            state.surcharges[price.model] = percent
            return percent > known
        }
    }

    /// Rounded up, and kept within bounds.
    private static func percent(_ cost: Picodollars, of base: Picodollars) -> Int {
        let share = (Double(cost.value) / Double(base.value) * 100).rounded(.up)
        return Int(min(share, 100_000))
    }
}
