import ConversationStore
import DequeModule
import ParleyCore
import Synchronization

/// Holds the requests of one run back while its budget has no room for them, first come, first served.
///
/// The wall itself stands in the database, where all processes meet it; this is its gate on our side. Who waits here is
/// let on as soon as a settlement makes room: by our own ones at once, by those of others when ``keep(_:)`` looks.
final class BudgetWall: Sendable {
    enum Entry: Sendable, Hashable {
        /// On to the database; ``leave(_:word:)`` must follow.
        case granted
        /// It will not fit any more, whatever becomes of what is under way.
        case refused(BudgetStanding)
        /// The run is stopping.
        case stopped
    }

    private struct State: Sendable {
        var gate: BudgetGate
        var waiting: Deque<(worstCase: Picodollars, continuation: CheckedContinuation<Entry, Never>)> = []
        var isClosed = false
        /// How many have passed.
        var passed = 0

        /// Nil when the request has to wait.
        mutating func decide(_ worstCase: Picodollars) -> Entry? {
            if isClosed { return .stopped }
            switch gate.pass(worstCase) {
            case .granted:
                passed += 1
                return .granted
            case .wait: return nil
            case .refused:
                isClosed = true
                return .refused(gate.standing)
            }
        }
    }

    /// How often it looks for what other processes have settled, and how many looks without anybody passing are
    /// enough to suspect that a process has died with requests under way.
    private static let lookEvery = Duration.milliseconds(200)
    private static let looksUntilRescue = 5

    /// Nil = everybody passes.
    let budget: Budget?
    /// What was spent when the run began.
    let spentBefore: Picodollars
    private let state: Mutex<State>

    init(_ budget: Budget?, standing: BudgetStanding = BudgetStanding()) {
        self.budget = budget
        spentBefore = standing.spent
        state = Mutex(State(gate: BudgetGate(limit: budget?.limit ?? .zero, standing: standing)))
    }

    /// Waits until there seems to be room. What costs nothing passes always.
    func enter(_ worstCase: Picodollars) async -> Entry {
        guard budget != nil, worstCase > .zero else { return .granted }
        let now = state.withLock { $0.waiting.isEmpty ? $0.decide(worstCase) : nil }
        if let now { return now }
        return await withCheckedContinuation { continuation in
            let entry = state.withLock { state -> Entry? in
                if state.isClosed || state.waiting.isEmpty, let entry = state.decide(worstCase) {
                    return entry
                }
                state.waiting.append((worstCase, continuation))
                return nil
            }
            if let entry { continuation.resume(returning: entry) }
        }
    }

    /// Whoever had passed is in the database's `word` now, or was turned away there, or gave up on the way.
    func leave(_ worstCase: Picodollars, word: BudgetStanding? = nil) {
        guard budget != nil, worstCase > .zero else { return }
        change { gate in
            gate.withdraw(worstCase)
            if let word { gate.learn(word) }
        }
    }

    /// The database's word after a settlement, or when it was asked.
    func learn(_ word: BudgetStanding) { change { $0.learn(word) } }

    /// Nobody passes any more.
    func stop() {
        state.withLock { $0.isClosed = true }
        change { _ in }
    }

    /// The database's last word.
    var standing: BudgetStanding { state.withLock { $0.gate.standing } }

    var isWaitedFor: Bool { state.withLock { !$0.waiting.isEmpty } }

    /// Changes the gate and lets on whoever has room now, or none for ever.
    private func change(_ body: (inout BudgetGate) -> Void) {
        let decided = state.withLock { state in
            body(&state.gate)
            var decided: [(CheckedContinuation<Entry, Never>, Entry)] = []
            while let first = state.waiting.first, let entry = state.decide(first.worstCase) {
                decided.append((first.continuation, entry))
                state.waiting.removeFirst()
            }
            return decided
        }
        for (continuation, entry) in decided { continuation.resume(returning: entry) }
    }
}

extension BudgetWall {
    /// Looks at what others have settled while somebody waits, until the task is cancelled.
    ///
    /// Requests of a process that has died would be waited for in vain. So when nobody has passed for a second, `rescue`
    /// is to find out; it makes them known as over, and then there is room or there is none.
    func keep(_ store: Store, time: TimeSource, rescue: @Sendable () async -> Void) async {
        guard let budget else { return }
        var idleLooks = 0
        var passed = 0
        while (try? await time.sleep(for: Self.lookEvery)) != nil {
            let (now, isWaitedFor) = state.withLock { ($0.passed, !$0.waiting.isEmpty) }
            idleLooks = isWaitedFor && now == passed ? idleLooks + 1 : 0
            passed = now
            guard isWaitedFor else { continue }
            if idleLooks > 0, idleLooks % Self.looksUntilRescue == 0 { await rescue() }
            if let word = try? await store.standing(of: budget) { learn(word) }
        }
    }
}
