import ConversationStore
import ParleyCore
import Synchronization

/// Hands leased jobs to those who work on them, and says how many of those are wanted.
///
/// The decisions are ``JobLanes``'; this holds them behind one lock, and wakes whoever waits: the pump for more jobs, the
/// crew for more hands, a job whose turn has come for a free hand. Taking the next job waits for nobody.
final class JobFeed: Sendable {
    typealias Lane = JobLanes.Name

    private struct State: Sendable {
        var lanes: JobLanes
        var isFinished = false
        var pump: CheckedContinuation<Void, Never>?
        /// Something has changed that the pump has not looked at yet.
        var isStirred = false
        var crew: CheckedContinuation<Int?, Never>?
        /// Hands that were called for and have not come yet.
        var handsComing = 0
        /// Jobs whose turn has come while no hand was free, the first to come first.
        var queue: [(lane: Lane, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let state: Mutex<State>
    private let time: TimeSource
    /// When no more than this many jobs are ready, the pump is woken.
    private let refillAt: Int

    /// - Parameter cursorStart: see ``JobLanes/init(concurrency:cursorStart:)``.
    init(concurrency: Int, refillAt: Int? = nil, cursorStart: Int64? = nil, time: TimeSource) {
        self.refillAt = refillAt ?? concurrency
        self.time = time
        state = Mutex(State(lanes: JobLanes(concurrency: concurrency, cursorStart: cursorStart)))
    }

    /// Changes something, and wakes whom it concerns.
    private func change<Value: Sendable>(_ body: (inout State, Timestamp) -> Value) -> Value {
        let now = time.now
        let (value, wakes) = state.withLock { state in
            let value = body(&state, now)
            return (value, Self.wakes(in: &state, at: now, refillAt: refillAt))
        }
        wakes.wake()
        return value
    }

    private struct Wakes: Sendable {
        var pump: CheckedContinuation<Void, Never>?
        var crew: CheckedContinuation<Int?, Never>?
        var hands: Int?
        var goers: [CheckedContinuation<Bool, Never>] = []

        func wake() {
            pump?.resume()
            crew?.resume(returning: hands)
            for goer in goers { goer.resume(returning: true) }
        }
    }

    private static func wakes(in state: inout State, at now: Timestamp, refillAt: Int) -> Wakes {
        var wakes = Wakes()
        var left: [(lane: Lane, continuation: CheckedContinuation<Bool, Never>)] = []
        for goer in state.queue {
            if state.lanes.goOn(goer.lane) {
                wakes.goers.append(goer.continuation)
            } else {
                left.append(goer)
            }
        }
        state.queue = left
        if state.pump != nil, state.isStirred || isHungry(state, at: now, refillAt: refillAt) {
            state.isStirred = false
            swap(&wakes.pump, &state.pump)
        }
        if state.crew != nil {
            let free = state.lanes.concurrency - state.lanes.inHand - state.handsComing
            let hands = free > 0 ? state.lanes.readyCount(at: now, upTo: free) : 0
            if hands > 0 {
                state.handsComing += hands
                wakes.hands = hands
                swap(&wakes.crew, &state.crew)
            }
        }
        return wakes
    }

    private static func isHungry(_ state: State, at now: Timestamp, refillAt: Int) -> Bool {
        state.isFinished || state.lanes.stock <= refillAt
            || state.lanes.readyCount(at: now, upTo: refillAt + 1) <= refillAt
    }
}

// For the pump.
extension JobFeed {
    func add(_ more: [LaneWork]) {
        change { state, _ in state.lanes.add(more) }
    }

    /// What is wanted from the store, and of which batches nothing is.
    func orders(upTo wanted: Int) -> (order: LeaseOrder, enough: Set<BatchID>)? {
        state.withLock { state in
            state.lanes.orders(upTo: wanted, at: time.now).map { orders, enough in
                (.beginnings(orders, others: state.lanes.firstOrders), enough)
            }
        }
    }

    /// What the store gave for it; before the jobs are added.
    func note(_ jobs: [LeasedJob], for order: LeaseOrder) {
        guard case .beginnings(let orders, _) = order else { return }
        state.withLock { $0.lanes.note(jobs, for: orders) }
    }

    /// Waits until fewer jobs are ready than are wanted, or something has changed, or the feed has ended.
    func starved() async {
        await withCheckedContinuation { continuation in
            let isHungry = state.withLock { state in
                if state.isStirred || Self.isHungry(state, at: time.now, refillAt: refillAt) {
                    state.isStirred = false
                    return true
                }
                state.pump = continuation
                return false
            }
            if isHungry { continuation.resume() }
        }
    }

    /// Wakes the pump: there may be something to lease that was not there before.
    func stir() {
        change { state, _ in
            state.isStirred = true
            state.lanes.resetCursors()
        }
    }

    /// Time has passed, and somebody may go who could not before.
    func nudge() { change { _, _ in } }

    func saturated(at count: Int, deep: Int) -> Set<BatchID> {
        state.withLock { $0.lanes.saturated(at: count, deep: deep) }
    }

    func setPriorities(_ priorities: [BatchID: Int]) {
        _ = change { state, _ in state.lanes.setPriorities(priorities) }
    }

    func setLimit(_ limit: Int?, of batch: BatchID) {
        change { state, _ in state.lanes.setLimit(limit, of: batch) }
    }

    /// Takes the jobs of a batch out that nobody has taken.
    func remove(_ batch: BatchID) -> [LeasedJob] {
        change { state, _ in state.lanes.remove(batch) }
    }

    /// Ends the feed and gives back the jobs that nobody took.
    func finish() -> [LeasedJob] {
        let (left, crew, queue) = change { state, _ in
            state.isFinished = true
            defer {
                state.crew = nil
                state.queue = []
            }
            return (state.lanes.removeAll(), state.crew, state.queue.map(\.continuation))
        }
        crew?.resume(returning: nil)
        for continuation in queue { continuation.resume(returning: false) }
        return left
    }

    /// Something has changed that the pump has not looked at yet.
    var isStirred: Bool { state.withLock { $0.isStirred } }

    /// Jobs wait for the first token of another one's answer.
    var isLed: Bool { state.withLock { $0.lanes.isLed } }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    /// A lane that waits for its time.
    var closedLane: Lane? { state.withLock { $0.lanes.closedLane(at: time.now) } }
}

// For the crew.
extension JobFeed {
    /// Waits until more hands are wanted, and gives how many; nil when the feed has ended.
    func handsWanted() async -> Int? {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.crew = continuation }
                return state.isFinished
            }
            if isFinished { continuation.resume(returning: nil) } else { change { _, _ in } }
        }
    }

    /// One of the hands that were called for is there.
    func handCame() { state.withLock { $0.handsComing -= 1 } }

    /// The next job, or nil when there is none for this hand: whoever is needed later is called for.
    func next() -> (job: LeasedJob, lane: Lane, place: CachePlace)? {
        let now = time.now
        let (next, wakes) = state.withLock { state in
            let next = state.lanes.next(at: now)
            // Only the pump can be concerned, and only when little is left.
            let wakes =
                state.lanes.stock > refillAt ? nil : Self.wakes(in: &state, at: now, refillAt: refillAt)
            return (next, wakes)
        }
        wakes?.wake()
        return next
    }

    /// The first token of a leader's answer has come: whoever waits for it may go.
    func ripen(_ job: JobID, in lane: Lane) {
        change { state, now in state.lanes.ripen(job, in: lane, at: now) }
    }

    /// A leader has come to its end; if its first token has not come, somebody else has to lead.
    func end(_ job: JobID, in lane: Lane) {
        change { state, _ in state.lanes.end(job, in: lane) }
    }

    /// The job has come to its end.
    func done(_ lane: Lane) {
        let wakes = state.withLock { state -> Wakes? in
            state.lanes.done(lane)
            return state.queue.isEmpty ? nil : Self.wakes(in: &state, at: time.now, refillAt: refillAt)
        }
        wakes?.wake()
    }

    /// The job waits for its turn: somebody else may use the hand.
    func wait(_ lane: Lane) { change { state, _ in state.lanes.wait(lane) } }

    /// The job's turn has come: waits for a free hand. False when the feed has ended meanwhile, and no hand is held.
    func goOn(_ lane: Lane) async -> Bool {
        await withCheckedContinuation { continuation in
            let goes: Bool? = state.withLock { state in
                if state.queue.isEmpty, state.lanes.goOn(lane) { return true }
                if state.isFinished {
                    state.lanes.stopWaiting(lane)
                    return false
                }
                state.queue.append((lane, continuation))
                return nil
            }
            if let goes { continuation.resume(returning: goes) }
        }
    }

    /// The job waited for its turn and will not go on.
    func leave(_ lane: Lane) { change { state, _ in state.lanes.stopWaiting(lane) } }

    /// Puts a job in hand back, and closes its lane until `moment`; watches the lane if nobody else does.
    func putBack(_ job: LeasedJob, to lane: Lane, _ place: CachePlace, until moment: Timestamp) async {
        guard change({ state, _ in state.lanes.putBack(job, to: lane, place, until: moment) }) else { return }
        while let wait = wait(untilOpen: lane) { try? await time.sleep(for: wait) }
    }

    /// How long to sleep before looking at the lane again; nil when it is open.
    private func wait(untilOpen lane: Lane) -> Duration? {
        change { state, now in
            guard !state.isFinished, let opening = state.lanes.opening(of: lane, at: now) else { return nil }
            return min(opening.since(now), Self.watchSlice)
        }
    }

    /// A watch is cut into slices of this length, so that the end of the feed is noticed.
    private static let watchSlice = Duration.milliseconds(200)
}
