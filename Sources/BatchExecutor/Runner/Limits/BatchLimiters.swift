import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// The limits per minute that batches have of their own, beside those of the providers.
///
/// All processes on the database keep to them together: they are kept where the providers' are, under a provider's name
/// that no provider has.
final class BatchLimiters: Sendable {
    private struct Entry: Sendable {
        let limits: RateLimits
        var book: LimitBook
    }

    private let entries = Mutex<[BatchID: Entry]>([:])
    private let time: TimeSource

    init(time: TimeSource) {
        self.time = time
    }

    fileprivate static func name(of batch: BatchID) -> LimiterName {
        LimiterName(account: AccountName(provider: "batch"), model: "\(batch)")
    }

    /// Takes over the limits of a batch as they are now.
    func set(_ limits: BatchLimits, of batch: BatchID) {
        let rates = RateLimits(requests: limits.requestsPerMinute, tokens: limits.tokensPerMinute)
        entries.withLock { entries in
            guard rates != RateLimits() else { return entries[batch] = nil }
            guard entries[batch]?.limits != rates else { return }
            entries[batch] = Entry(limits: rates, book: LimitBook(own: rates))
        }
    }

    /// How long a request of the batch would have to wait if it came now.
    func expectedWait(of batch: BatchID) -> Duration {
        with(batch) { $0.expectedWait(of: Self.name(of: batch), at: time.now) } ?? .zero
    }

    /// Takes a place in the batch's time; nil when the batch has no limits.
    func reserve(_ batch: BatchID, inputTokens: Int, outputTokens: Int) -> BatchPlace? {
        let place = with(batch) { book in
            let name = Self.name(of: batch)
            let output = book.outputTokens(of: name, max: outputTokens > 0 ? outputTokens : nil, at: time.now)
            return book.withLimiter(name) {
                $0.reserve(inputTokens: inputTokens, outputTokens: output, at: time.now)
            }
        }
        return place.map { BatchPlace(limiters: self, batch: batch, place: $0) }
    }

    /// Works on the book of a batch that has limits.
    fileprivate func with<Value: Sendable>(_ batch: BatchID, _ body: (inout LimitBook) -> Value) -> Value? {
        entries.withLock { entries in
            guard !entries.isEmpty, var entry = entries[batch] else { return nil }
            defer { entries[batch] = entry }
            return body(&entry.book)
        }
    }

    fileprivate func withLimiter<Value: Sendable>(
        _ batch: BatchID, _ body: (inout TokenBucket) -> Value
    ) -> Value? {
        with(batch) { $0.withLimiter(Self.name(of: batch), body) }
    }

    fileprivate var now: Timestamp { time.now }

    /// Exchanges what this process has taken with what others have.
    func share(with memory: any PolicyMemory) async throws {
        for batch in entries.withLock({ Array($0.keys) }) {
            guard let notes = with(batch, \.notes), !notes.isEmpty else { continue }
            let now = time.now
            let states = try await memory.exchange(notes, at: now)
            _ = with(batch) { $0.adopt(states, for: notes, at: now) }
        }
    }
}

/// One request's place in the time of its batch.
struct BatchPlace: Sendable {
    fileprivate let limiters: BatchLimiters
    let batch: BatchID
    fileprivate let place: TokenBucket.Reservation

    /// How long the request still has to wait.
    var wait: Duration { limiters.withLimiter(batch) { $0.wait(for: place, at: limiters.now) } ?? .zero }

    /// The request was not sent.
    func free() { _ = limiters.withLimiter(batch) { $0.free(place) } }

    /// The request has ended; without usage, what was reserved counts.
    func settle(_ usage: Usage?) {
        limiters.with(batch) { $0.settle(place, in: BatchLimiters.name(of: batch), usage: usage) }
    }
}
