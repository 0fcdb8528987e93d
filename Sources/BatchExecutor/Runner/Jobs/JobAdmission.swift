import ConversationStore
import ParleyCore
import ProviderStack

/// How a job comes to be allowed to ask: the limits of its batch, then the provider's, then a free hand.
///
/// It begins in hand. While it waits for its turn it is not, so that others can be sent.
struct JobAdmission: Sendable {
    enum Verdict: Sendable {
        case granted(Governor.Ticket)
        /// Its turn is so far off that it goes back into its lane for so long.
        case later(Duration)
        /// The deadline of its batch has passed.
        case overdue
        /// The limits would hold it longer than it may wait; for which reason, in words.
        case heldTooLong(String)
        case stopped
    }

    let run: RunContext
    let job: LeasedJob
    let lane: JobFeed.Lane
    /// Nothing of the batch is sent after it.
    let deadline: Timestamp?
    private(set) var isInHand = true
    private(set) var place: BatchPlace?

    init(run: RunContext, job: LeasedJob, lane: JobFeed.Lane, deadline: Timestamp?) {
        self.run = run
        self.job = job
        self.lane = lane
        self.deadline = deadline
    }

    /// Waits until the request may be sent, unless that is far off.
    mutating func admit(_ demand: Governor.Demand) async -> Verdict {
        if isOverdue { return .overdue }
        let wait = max(run.governor.turnWait(of: demand.model), run.limiters.expectedWait(of: job.batch))
        let turn = JobTurn(wait: wait, limit: run.settings.limitTimeout)
        if case .later(let wait) = turn { return .later(wait) }
        if turn == .soon {
            isInHand = false
            run.feed.wait(lane)
        }
        let verdict = await waitForTurn(demand)
        guard case .granted(let ticket) = verdict else {
            dropOut()
            return verdict
        }
        let isFree: Bool = if isInHand { true } else { await run.feed.goOn(lane) }
        if isFree { isInHand = true }
        guard isFree, !isOverdue else {
            run.governor.free(ticket)
            withdraw()
            return isFree ? .overdue : .stopped
        }
        return verdict
    }

    private mutating func waitForTurn(_ demand: Governor.Demand) async -> Verdict {
        place = run.limiters.reserve(
            job.batch, inputTokens: demand.inputTokens, outputTokens: demand.outputTokens)
        while let wait = place?.wait, wait > .zero {
            if run.halt.isStopping { return .stopped }
            if let limit = run.settings.limitTimeout, wait > limit {
                return .heldTooLong("the rate limit of its batch")
            }
            try? await run.time.sleep(for: min(wait, JobTurn.soonMax))
        }
        return switch await run.governor.admit(demand) {
        case .granted(let ticket): .granted(ticket)
        case .heldTooLong(let reason): .heldTooLong(reason)
        case .stopped: .stopped
        }
    }

    /// The request is not sent after all: its place in the time of its batch is given back.
    mutating func withdraw() {
        place?.free()
        place = nil
    }

    private mutating func dropOut() {
        withdraw()
        if !isInHand { run.feed.leave(lane) }
    }

    private var isOverdue: Bool { deadline.map { run.time.now >= $0 } ?? false }
}
