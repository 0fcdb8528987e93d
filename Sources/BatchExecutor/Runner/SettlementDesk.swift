import ConversationStore
import Synchronization

/// Where a worker hands in an answer to be written down, and goes on with its next job at once.
///
/// The answer joins the queue of writes right away, ahead of the worker's next request, so the two share a flush of the disk;
/// it is counted when it is committed, by the writer, and wakes nobody. A worker opens its next request only after
/// that, so no more answers wait here than there are workers.
final class SettlementDesk: Sendable {
    /// An answer that could not be written down yet.
    private struct Refusal: Sendable {
        let exchange: Exchange
        let settlement: Settlement
    }

    private struct State: Sendable {
        var pending = 0
        var error: (any Error)?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let refusals: AsyncStream<Refusal>
    private let refuse: AsyncStream<Refusal>.Continuation

    init() { (refusals, refuse) = AsyncStream.makeStream() }

    /// Queues the answer; returns before it is written.
    func handIn(_ settlement: Settlement, of exchange: Exchange) {
        state.withLock { $0.pending += 1 }
        exchange.run.store.settle(settlement) { [self] error in
            guard error == nil else {
                refuse.yield(Refusal(exchange: exchange, settlement: settlement))
                return
            }
            exchange.count(settlement)
            exchange.tell(settlement)
            close(exchange)
        }
    }

    /// Tries again what could not be written down, until the task is cancelled; `onError` hears of what is given up.
    func work(onError: @Sendable () async -> Void) async {
        for await refusal in refusals {
            do {
                try await refusal.exchange.settle(refusal.settlement)
            } catch {
                state.withLock { $0.error = $0.error ?? error }
                await onError()
            }
            close(refusal.exchange)
        }
    }

    /// Waits until everything that was handed in has been written down, or given up; then throws why.
    func clear() async throws {
        await withCheckedContinuation { continuation in
            let isClear = state.withLock { state in
                if state.pending > 0 { state.waiter = continuation }
                return state.pending == 0
            }
            if isClear { continuation.resume() }
        }
        if let error = state.withLock({ $0.error }) { throw error }
    }

    private func close(_ exchange: Exchange) {
        exchange.run.holdings.drop(exchange.job.lease)
        exchange.run.passOn(exchange.job.lease.job)
        let waiter = state.withLock { state in
            state.pending -= 1
            guard state.pending == 0 else { return CheckedContinuation<Void, Never>?.none }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
