import ConversationStore
import DequeModule
import OrderedCollections
import ParleyCore

/// Which jobs of this process ask the same, who of them asks, and who waits for that: a plain value.
///
/// It spares requests that would find out in the database that an identical one is in the air, and it wakes whoever waits
/// without looking again and again. What counts is decided there all the same (``ConversationStore/Store/openShared(_:within:)``).
struct IdenticalRequests: Sendable {
    struct Key: Sendable, Hashable {
        /// Nil = the answers of the whole store count.
        var batch: BatchID?
        var digest: [UInt8]
    }

    struct Waiting: Sendable, Hashable {
        var job: LeasedJob
        var lane: JobLanes.Name
    }

    /// What a job with this request is to do.
    enum Place: Sendable, Hashable {
        /// It asks, for all that come after it.
        case asks
        /// It waits, and is out of its worker's hand.
        case waits
        /// The answer is there, to be copied.
        case copies
        /// It asks for itself whoever else asks: such requests have ended badly too often.
        case asksAnyway
    }

    /// How a request ended on which others wait.
    enum End: Sendable, Hashable {
        /// With an answer that can be shared; the request is what the copies begin with.
        case answered(CompletionRequest)
        /// With an answer that cannot: it was cut off, say.
        case unshareable
        /// The provider will have none of it.
        case failed
        /// Nobody knows, or it is asked again later, or it was never sent.
        case open
    }

    private enum Stage: Sendable {
        case asked(by: JobID)
        /// Another process asks.
        case elsewhere
        case answered(CompletionRequest)
    }

    private struct Flight: Sendable {
        var stage: Stage
        var waiting: Deque<Waiting> = []
    }

    /// So many failures of one request are enough to let each job that asks it find out for itself, all at once.
    static let failuresMax = 3
    /// The answered and the failed requests that are remembered, the youngest of them. Of older ones the database knows.
    static let rememberedMax = 4096

    private var flights: [Key: Flight] = [:]
    private var leaders: [JobID: Key] = [:]
    private var answered: OrderedSet<Key> = []
    private var failures: OrderedDictionary<Key, Int> = [:]
    private var toCopy: Deque<Key> = []
    private(set) var waitingCount = 0

    /// A job comes with its request; gives what it is to do, and who goes on because it asked something else before.
    mutating func enter(_ waiting: Waiting, with key: Key) -> (place: Place, goers: [Waiting]) {
        let job = waiting.job.lease.job
        let goers = leaders[job].map { $0 == key ? [] : leave(job, as: .open) } ?? []
        if failures[key, default: 0] >= Self.failuresMax { return (.asksAnyway, goers) }
        guard let flight = flights[key] else {
            if answered.contains(key) { return (.copies, goers) }
            flights[key] = Flight(stage: .asked(by: job))
            leaders[job] = key
            return (.asks, goers)
        }
        if case .asked(by: job) = flight.stage { return (.asks, goers) }
        flights[key]?.waiting.append(waiting)
        waitingCount += 1
        return (.waits, goers)
    }

    /// The job that asked has come to its end, or will not ask; gives the jobs that now go on for themselves.
    mutating func leave(_ job: JobID, as end: End) -> [Waiting] {
        guard let key = leaders.removeValue(forKey: job), let flight = flights[key] else { return [] }
        switch end {
        case .answered(let request):
            guard !flight.waiting.isEmpty else {
                flights[key] = nil
                remember(key)
                return []
            }
            flights[key]?.stage = .answered(request)
            toCopy.append(key)
            return []
        case .unshareable: return giveUp(key, after: Self.failuresMax)
        case .failed: return giveUp(key, after: 1)
        case .open: return promote(key)
        }
    }

    /// The first that waits asks, for all that are left.
    private mutating func promote(_ key: Key) -> [Waiting] {
        guard let first = flights[key]?.waiting.popFirst() else {
            flights[key] = nil
            return []
        }
        waitingCount -= 1
        flights[key]?.stage = .asked(by: first.job.lease.job)
        leaders[first.job.lease.job] = key
        return [first]
    }

    private mutating func giveUp(_ key: Key, after count: Int) -> [Waiting] {
        failures[key, default: 0] += count
        if failures.count > Self.rememberedMax { failures.removeFirst() }
        guard failures[key, default: 0] >= Self.failuresMax else { return promote(key) }
        let waiting = flights.removeValue(forKey: key)?.waiting ?? []
        waitingCount -= waiting.count
        return Array(waiting)
    }

    private mutating func remember(_ key: Key) {
        answered.append(key)
        if answered.count > Self.rememberedMax { answered.removeFirst() }
    }

    /// The answer is gone after all.
    mutating func forget(_ key: Key) { answered.remove(key) }
}

// What another process asks.
extension IdenticalRequests {
    /// The job that would have asked waits with the others: another process asks.
    ///
    /// A job that came back before its last request was over may have lost its lead to another one meanwhile: then it waits for
    /// that one.
    mutating func waitElsewhere(_ waiting: Waiting, for key: Key) {
        waitingCount += 1
        if leaders.removeValue(forKey: waiting.job.lease.job) != nil {
            flights[key, default: Flight(stage: .elsewhere)].stage = .elsewhere
            flights[key]?.waiting.prepend(waiting)
        } else {
            flights[key, default: Flight(stage: .elsewhere)].waiting.append(waiting)
        }
    }

    /// What other processes ask and somebody waits for here, with a batch of somebody who does.
    var elsewhere: [(key: Key, batch: BatchID)] {
        flights.compactMap { key, flight in
            guard case .elsewhere = flight.stage, let first = flight.waiting.first else { return nil }
            return (key, first.job.batch)
        }
    }

    /// Nobody else asks any more: the first that waits looks what has become of it.
    mutating func goOn(_ key: Key) -> [Waiting] {
        guard let flight = flights[key], case .elsewhere = flight.stage else { return [] }
        return promote(key)
    }
}

// Copies, and the end.
extension IdenticalRequests {
    /// Some jobs that get a copy of one answer, at most so many; nil when there are none.
    mutating func nextCopies(upTo count: Int) -> (key: Key, request: CompletionRequest, jobs: [Waiting])? {
        while let key = toCopy.first {
            guard let flight = flights[key], case .answered(let request) = flight.stage else {
                toCopy.removeFirst()
                continue
            }
            let jobs = Array(flight.waiting.prefix(count))
            flights[key]?.waiting.removeFirst(jobs.count)
            waitingCount -= jobs.count
            if flight.waiting.count == jobs.count {
                toCopy.removeFirst()
                flights[key] = nil
                remember(key)
            }
            if !jobs.isEmpty { return (key, request, jobs) }
        }
        return nil
    }

    /// Takes out the jobs of a batch that wait.
    mutating func remove(_ batch: BatchID) -> [LeasedJob] {
        guard waitingCount > 0 else { return [] }
        var removed: [LeasedJob] = []
        for (key, flight) in flights where key.batch == nil || key.batch == batch {
            removed += flight.waiting.filter { $0.job.batch == batch }.map(\.job)
            flights[key]?.waiting.removeAll { $0.job.batch == batch }
            if case .elsewhere = flight.stage, flights[key]?.waiting.isEmpty == true { flights[key] = nil }
        }
        waitingCount -= removed.count
        return removed
    }

    /// Takes everybody out who waits.
    mutating func removeAll() -> [LeasedJob] {
        defer { self = IdenticalRequests() }
        return flights.values.flatMap(\.waiting).map(\.job)
    }
}
