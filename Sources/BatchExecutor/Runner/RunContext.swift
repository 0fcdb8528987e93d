import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization

/// What the workers of one run share.
struct RunContext: Sendable {
    let store: Store
    let providers: any ProviderSource
    let settings: RunSettings
    let time: TimeSource
    let logger: Logger
    let plans: BatchPlans
    let prices: PriceBook
    let governor: Governor
    let holdings = Holdings()
    let tally: RunTally
    let feed: JobFeed
    let halt = Halt()
    let retryPolicy: RetryPolicy
}

/// Whether and why a run is to end early; the first reason stays.
final class Halt: Sendable {
    private struct State: Sendable {
        var reason: RunSummary.StopReason?
        var detail: String?
        /// When the run began to stop.
        var since: Timestamp?
        /// Batches whose jobs nobody can answer in this run.
        var closedBatches: Set<BatchID> = []
    }

    private let state = Mutex(State())

    func stop(_ reason: RunSummary.StopReason, _ detail: String?, at now: Timestamp) {
        state.withLock { state in
            guard state.reason == nil else { return }
            state.reason = reason
            state.detail = detail
            state.since = now
        }
    }

    /// Leases nothing more of this batch; the run goes on with the others.
    func close(_ batch: BatchID, _ detail: String) {
        state.withLock { state in
            state.closedBatches.insert(batch)
            if state.detail == nil { state.detail = detail }
        }
    }

    var isStopping: Bool { state.withLock { $0.reason != nil } }
    var since: Timestamp? { state.withLock { $0.since } }
    var closedBatches: Set<BatchID> { state.withLock { $0.closedBatches } }

    /// The reason and the sentence that goes into the summary.
    var verdict: (reason: RunSummary.StopReason?, detail: String?) {
        state.withLock { state in
            (state.reason ?? (state.closedBatches.isEmpty ? nil : .providers), state.detail)
        }
    }
}
