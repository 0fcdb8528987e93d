import ConversationStore
import ParleyCore
import ProviderStack

/// Leased jobs in lanes, and which of them may go next: a plain value.
///
/// A lane holds the jobs of one batch that ask one model, so a model whose limits are used up, or a batch that is
/// paused, closes its own lane and nobody else's. Higher priorities go first, then older batches.
///
/// A job is *in hand* from ``next(at:)`` on, but for the time in which it waits for its turn (``wait(_:)``). So as many are
/// in hand as requests may be in the air, however many wait.
struct JobLanes: Sendable {
    /// Which jobs wait for the same.
    struct Name: Sendable, Hashable {
        var batch: BatchID
        /// The model that the job would ask first; nil when its row names none that can be read.
        var model: ModelName?
    }

    struct Lane: Sendable {
        let name: Name
        var jobs: PrefixQueue
        /// Nothing goes before that moment.
        var opensAt: Timestamp?
        /// Somebody waits for that moment.
        var isWatched = false
        /// How many of its jobs wait for their turn.
        var waiting = 0
    }

    /// The most jobs in hand.
    let concurrency: Int
    var lanes: [Lane] = []
    private var priorities: [BatchID: Int] = [:]
    private var limits: [BatchID: Int] = [:]
    private(set) var inHand = 0
    private var inHandOf: [BatchID: Int] = [:]
    /// The jobs that nobody has taken yet.
    private(set) var stock = 0
    /// How far the beginnings of each batch are taken from the store; nil = the jobs come in the order of the file.
    var cursors: [BatchID: BeginningCursor]?
    let cursorStart: Int64

    /// - Parameter cursorStart: where among the beginnings of a batch this process begins; nil = in the order of the file.
    init(concurrency: Int, cursorStart: Int64? = nil) {
        self.concurrency = concurrency
        self.cursorStart = cursorStart ?? 0
        cursors = cursorStart.map { _ in [:] }
    }
}

// What lies ready.
extension JobLanes {
    mutating func add(_ more: [LaneWork]) {
        // A job that was asked before was seen then.
        for work in more where work.job.attempts == 0 {
            lanes[index(of: work.lane)].jobs.expect(work.beginnings)
        }
        for work in more {
            let index = index(of: work.lane)
            lanes[index].jobs.rules = work.rules
            lanes[index].jobs.pace = work.pace
            lanes[index].jobs.add(work.job, beginnings: work.beginnings)
        }
        stock += more.count
    }

    /// Takes all jobs of a batch out.
    mutating func remove(_ batch: BatchID) -> [LeasedJob] {
        var jobs: [LeasedJob] = []
        for index in lanes.indices where lanes[index].name.batch == batch {
            jobs += lanes[index].jobs.removeAll()
        }
        stock -= jobs.count
        forgetEmptyLanes()
        return jobs
    }

    mutating func removeAll() -> [LeasedJob] {
        stock = 0
        return lanes.indices.flatMap { lanes[$0].jobs.removeAll() }
    }

    /// The jobs that could be taken if there were hands enough; counted up to `limit`.
    func readyCount(at now: Timestamp, upTo limit: Int = .max) -> Int {
        var count = 0
        for lane in lanes where isOpen(lane, at: now) {
            count += min(lane.jobs.readyCount(at: now, upTo: limit - count), room(in: lane.name.batch))
            if count >= limit { return limit }
        }
        return count
    }

    /// The batches of which enough lies ready, whether it can be taken now or not.
    ///
    /// A batch whose rows name their own models may have jobs for others behind those of a closed lane, so `deep` more of
    /// them are fetched.
    func saturated(at count: Int, deep: Int) -> Set<BatchID> {
        var stocks: [BatchID: (jobs: Int, lanes: Int)] = [:]
        for lane in lanes {
            stocks[lane.name.batch, default: (0, 0)].jobs += lane.jobs.count
            stocks[lane.name.batch, default: (0, 0)].lanes += 1
        }
        return Set(stocks.filter { $0.value.jobs >= ($0.value.lanes > 1 ? deep : count) }.keys)
    }

    /// Sets what goes first; returns whether anything changed.
    mutating func setPriorities(_ new: [BatchID: Int]) -> Bool {
        guard new != priorities else { return false }
        priorities = new
        lanes.sort { Self.goes($0.name, before: $1.name, new) }
        return true
    }

    /// How many jobs of the batch may be in hand at once; nil = as many as of all.
    mutating func setLimit(_ limit: Int?, of batch: BatchID) { limits[batch] = limit }
}

// Who goes.
extension JobLanes {
    /// The next job; from here on it is in hand.
    mutating func next(at now: Timestamp) -> (job: LeasedJob, lane: Name, place: CachePlace)? {
        guard inHand < concurrency, stock > 0 else { return nil }
        for index in lanes.indices where isOpen(lanes[index], at: now) {
            guard room(in: lanes[index].name.batch) > 0, let (job, place) = lanes[index].jobs.next(at: now)
            else {
                continue
            }
            stock -= 1
            take(lanes[index].name)
            return (job, lanes[index].name, place)
        }
        return nil
    }

    /// The job has come to its end.
    mutating func done(_ name: Name) {
        inHand -= 1
        inHandOf[name.batch, default: 1] -= 1
        count(-1, outOf: name)
    }

    private mutating func count(_ change: Int, outOf name: Name) {
        guard let index = lanes.firstIndex(where: { $0.name == name }) else { return }
        lanes[index].jobs.out += change
    }

    /// The job waits for its turn, and is not in hand meanwhile.
    mutating func wait(_ name: Name) {
        done(name)
        lanes[index(of: name)].waiting += 1
        count(1, outOf: name)
    }

    /// The job's turn has come; false when there is no hand free for it.
    mutating func goOn(_ name: Name) -> Bool {
        guard inHand < concurrency, room(in: name.batch) > 0 else { return false }
        stopWaiting(name)
        take(name)
        return true
    }

    /// The job will not go on: somebody else may wait in its place.
    mutating func stopWaiting(_ name: Name) {
        lanes[index(of: name)].waiting -= 1
        count(-1, outOf: name)
    }

    /// Puts a job that was in hand back to the front of its lane, and closes the lane until `moment`.
    ///
    /// True when nobody watches the lane yet: then the caller must, until ``opening(of:at:)`` says that it is open.
    mutating func putBack(
        _ job: LeasedJob, to name: Name, _ place: CachePlace, until moment: Timestamp
    ) -> Bool {
        done(name)
        let index = index(of: name)
        lanes[index].jobs.putBack(job, place)
        stock += 1
        lanes[index].opensAt = moment
        defer { lanes[index].isWatched = true }
        return !lanes[index].isWatched
    }

    /// When a lane that the caller watches opens; nil when it is open, and the watch is over.
    mutating func opening(of name: Name, at now: Timestamp) -> Timestamp? {
        let index = index(of: name)
        if let opensAt = lanes[index].opensAt, opensAt > now, !lanes[index].jobs.isEmpty { return opensAt }
        lanes[index].isWatched = false
        return nil
    }

    /// A lane that is closed, of the jobs that would go first; nil when there is none.
    func closedLane(at now: Timestamp) -> Name? {
        lanes.first { !$0.jobs.isEmpty && ($0.opensAt ?? now) > now }?.name
    }

    /// The most jobs of a lane that may wait for their turn at once; they hold places in the provider's time.
    private var waitingMax: Int { concurrency }

    private func isOpen(_ lane: Lane, at now: Timestamp) -> Bool {
        if let opensAt = lane.opensAt, opensAt > now { return false }
        return lane.waiting < waitingMax
    }

    private func room(in batch: BatchID) -> Int {
        guard let limit = limits[batch] else { return .max }
        return max(0, limit - inHandOf[batch, default: 0])
    }

    private mutating func take(_ name: Name) {
        inHand += 1
        inHandOf[name.batch, default: 0] += 1
        count(1, outOf: name)
    }
}

// The lanes themselves.
extension JobLanes {
    /// So many lanes are kept although nothing is in them, so that a lane is not made anew for each job.
    private static let emptyLanesMax = 64

    private mutating func index(of name: Name) -> Int {
        if let index = lanes.firstIndex(where: { $0.name == name }) { return index }
        forgetEmptyLanes()
        let index = lanes.firstIndex { Self.goes(name, before: $0.name, priorities) } ?? lanes.endIndex
        var jobs = PrefixQueue()
        jobs.isExhausted = cursors?[name.batch]?.isExhausted ?? false
        lanes.insert(Lane(name: name, jobs: jobs), at: index)
        return index
    }

    private mutating func forgetEmptyLanes() {
        guard lanes.count >= Self.emptyLanesMax else { return }
        lanes.removeAll { $0.jobs.isEmpty && $0.jobs.out == 0 && $0.waiting == 0 && !$0.isWatched }
        inHandOf = inHandOf.filter { $0.value > 0 }
    }

    private static func goes(_ one: Name, before other: Name, _ priorities: [BatchID: Int]) -> Bool {
        let (first, second) = (priorities[one.batch, default: 0], priorities[other.batch, default: 0])
        return first == second ? one.batch < other.batch : first > second
    }
}
