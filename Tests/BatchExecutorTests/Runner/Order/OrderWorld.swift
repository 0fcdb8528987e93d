import ConversationStore
import ParleyCore
import ProviderStack

@testable import BatchExecutor

/// A small world in which lanes work: a store that hands jobs out as the real one does, hands that send them, and a provider
/// that answers, fails, is silent for long or sends jobs back, all drawn from a seed. Time is a number.
struct OrderWorld {
    struct Job: Hashable {
        var number: Int
        var batch: Int
        var key: PrefixKey?
        /// When it may be handed out; nil while it is out.
        var dueAt: Timestamp?
    }

    private struct Flight {
        var job: LeasedJob
        var lane: JobLanes.Name
        var place: CachePlace
        var firstTokenAt: Timestamp?
        var endsAt: Timestamp
        var fails: Bool
    }

    private(set) var now = Timestamp(milliseconds: 1_795_000_000_000)
    private let start: Timestamp
    private var random: SeededGenerator
    private let concurrency: Int
    private let isOrdered: Bool
    /// In some worlds a limit says how far requests are apart.
    private let pace: Duration?
    private let rules: PromptCacheRules
    private var lanes: JobLanes
    private var jobs: [Job]
    private var inAir: [Flight] = []
    private var paused: Set<Int> = []
    private(set) var answered: [Int] = []
    /// What must not be: a job of a lower priority went although one of a higher one could have.
    private(set) var violations: [String] = []
    private let priorities = [1: 0, 2: 5, 3: 5]

    init(seed: UInt64, isOrdered: Bool = true) {
        start = now
        var random = SeededGenerator(seed: seed)
        concurrency = Int.random(in: 1...12, using: &random)
        let models = [
            "anthropic/claude-sonnet-5", "openai/gpt-5", "deepseek/deepseek-chat", "openai/gpt-5.6",
        ]
        rules = .rules(for: ModelName(models.randomElement(using: &random)!)!)
        let groups = Int.random(in: 1...12, using: &random)
        jobs = (0..<Int.random(in: 1...150, using: &random)).map { number in
            let group = Int.random(in: 0...groups, using: &random)
            return Job(
                number: number + 1, batch: Int.random(in: 1...3, using: &random),
                key: group == 0 ? nil : PrefixKey(short: UInt32(group * 7919), long: nil),
                dueAt: Timestamp(milliseconds: 0))
        }
        self.isOrdered = isOrdered
        pace = [nil, .seconds(2), .seconds(60)].randomElement(using: &random)!
        self.random = random
        lanes = JobLanes(concurrency: concurrency)
        restart()
    }

    var count: Int { jobs.count }

    /// A new process takes over: nothing of the old one's lanes is left.
    private mutating func restart() {
        let cursor = isOrdered ? Int64.random(in: 0...Int64.max, using: &random) : nil
        lanes = JobLanes(concurrency: concurrency, cursorStart: cursor)
        _ = lanes.setPriorities(
            Dictionary(uniqueKeysWithValues: priorities.map { (BatchID(Int64($0)), $1) }))
    }

    /// Works until everything is answered; false when that takes longer than any chain of waits could.
    mutating func run() -> Bool {
        while answered.count < jobs.count {
            if now.since(start) > .seconds(48 * 3600) { return false }
            disturb()
            lease()
            send()
            step()
        }
        return true
    }

    private func chance(_ share: Double, _ random: inout SeededGenerator) -> Bool {
        Double.random(in: 0..<1, using: &random) < share
    }

    /// Pauses and unpauses batches, kills the process.
    private mutating func disturb() {
        if chance(0.02, &random) {
            let batch = Int.random(in: 1...3, using: &random)
            if paused.remove(batch) == nil {
                paused.insert(batch)
                for job in lanes.remove(BatchID(Int64(batch))) { giveBack(job, after: .zero) }
            }
        }
        if chance(0.01, &random) {
            for job in lanes.removeAll() { giveBack(job, after: .zero) }
            for flight in inAir { giveBack(flight.job, after: .seconds(1)) }
            inAir = []
            restart()
        }
    }

    private mutating func giveBack(_ job: LeasedJob, after wait: Duration) {
        let number = Int(job.lease.job.number)
        jobs[number - 1].dueAt = now + wait
    }

    private mutating func step() {
        var next = now + .milliseconds(Int.random(in: 1...40, using: &random))
        if inAir.isEmpty { next = next + .milliseconds(100) }
        now = next
        for index in inAir.indices {
            guard let first = inAir[index].firstTokenAt, first <= now else { continue }
            inAir[index].firstTokenAt = nil
            if inAir[index].place.isLeader {
                lanes.ripen(inAir[index].job.lease.job, in: inAir[index].lane, at: now)
            }
        }
        for flight in inAir where flight.endsAt <= now { land(flight) }
        inAir.removeAll { $0.endsAt <= now }
    }

    private mutating func land(_ flight: Flight) {
        lanes.end(flight.job.lease.job, in: flight.lane)
        lanes.done(flight.lane)
        if flight.fails {
            giveBack(flight.job, after: .milliseconds(Int.random(in: 0...2000, using: &random)))
        } else {
            answered.append(Int(flight.job.lease.job.number))
        }
    }
}

// The store.
extension OrderWorld {
    private mutating func lease() {
        let wanted = max(concurrency * 2, 4)
        let orders = lanes.orders(upTo: wanted, at: now)
        let full = lanes.saturated(at: orders == nil ? wanted : wanted * 4, deep: wanted * 4)
        var given: [LeasedJob] = []
        for batch in [2, 3, 1] where !paused.contains(batch) && given.count < wanted {
            let id = BatchID(Int64(batch))
            if full.contains(id) || orders?.enough.contains(id) == true { continue }
            let order = orders.map { $0.orders[id] ?? lanes.firstOrders }
            given += take(of: batch, order, upTo: wanted - given.count)
        }
        if let orders { lanes.note(given, for: orders.orders) }
        lanes.add(
            given.map { job in
                LaneWork(
                    job: job, lane: JobLanes.Name(batch: job.batch, model: ModelName("some/model")),
                    beginnings: beginnings(of: job), rules: isOrdered ? rules : nil, pace: pace)
            })
    }

    private func beginnings(of job: LeasedJob) -> [SharedBeginning] {
        guard let key = job.prefix else { return [] }
        return [SharedBeginning(name: .own(key, level: 1), tokens: 5000, mates: job.mates.short)]
    }

    private mutating func take(of batch: Int, _ order: PrefixOrders?, upTo count: Int) -> [LeasedJob] {
        var taken = pick(upTo: count) { $0.batch == batch && $0.dueAt!.milliseconds > 0 }
        if let order, taken.count < count {
            var some: [LeasedJob] = []
            for more in order.more {
                some += pick(upTo: min(more.count, count - taken.count - some.count)) {
                    $0.batch == batch && $0.key.map { more.keys.contains($0.number) } ?? false
                }
            }
            var after = order.after
            for _ in 0..<order.beginnings {
                let keys = jobs.filter { $0.batch == batch && isDue($0) }.compactMap { $0.key?.number }
                guard let key = keys.filter({ $0 > after }).min() else { break }
                var new = pick(
                    upTo: min(order.jobsPerBeginning, count - taken.count - some.count)
                ) { $0.batch == batch && $0.key?.number == key }
                for index in new.indices { new[index].opensBeginning = true }
                some += new
                after = key
            }
            if some.isEmpty, order.takesOthers {
                some = pick(upTo: count - taken.count) { $0.batch == batch }
            }
            taken += some
        } else if order == nil {
            taken += pick(upTo: count - taken.count) { $0.batch == batch }
        }
        for index in taken.indices {
            let mates = jobs.count { $0.batch == batch && $0.key == taken[index].prefix && isDue($0) }
            taken[index].mates = PrefixMates(short: mates, long: mates)
        }
        return taken
    }

    private func isDue(_ job: Job) -> Bool { job.dueAt.map { $0 <= now } ?? false }

    private mutating func pick(upTo count: Int, where isWanted: (Job) -> Bool) -> [LeasedJob] {
        var picked: [LeasedJob] = []
        for index in jobs.indices where picked.count < count && isDue(jobs[index]) && isWanted(jobs[index]) {
            jobs[index].dueAt = nil
            picked.append(
                LeasedJob(
                    lease: Lease(
                        job: JobID(Int64(jobs[index].number)), token: Array(repeating: 1, count: 16)),
                    batch: BatchID(Int64(jobs[index].batch)), key: "\(jobs[index].number)", input: "{}",
                    prefix: jobs[index].key))
        }
        return picked
    }
}

// The hands, and the provider.
extension OrderWorld {
    private mutating func send() {
        while true {
            let before = lanes
            guard let (job, lane, place) = lanes.next(at: now) else { return }
            look(before, job)
            let kind = Double.random(in: 0..<1, using: &random)
            if kind < 0.05 {
                let wait = Duration.milliseconds(Int.random(in: 1...3000, using: &random))
                _ = lanes.putBack(job, to: lane, place, until: now + wait)
                _ = lanes.opening(of: lane, at: now)
                continue
            }
            let latency = Duration.milliseconds(Int.random(in: 20...400, using: &random))
            var flight = Flight(
                job: job, lane: lane, place: place, firstTokenAt: now + latency / 3, endsAt: now + latency,
                fails: false)
            if kind < 0.15 {
                flight.fails = true
                if kind < 0.12 { flight.firstTokenAt = nil }
            } else if kind < 0.17 {
                // Nothing is heard of it for long, and then it fails.
                flight = Flight(
                    job: job, lane: lane, place: place, firstTokenAt: nil, endsAt: now + .seconds(300),
                    fails: true)
            }
            inAir.append(flight)
        }
    }

    /// Whether a job of a higher priority could have gone.
    private mutating func look(_ before: JobLanes, _ job: LeasedJob) {
        let priority = priorities[Int(job.batch.number)] ?? 0
        var others = before
        for (batch, other) in priorities where other <= priority { _ = others.remove(BatchID(Int64(batch))) }
        if let better = others.next(at: now)?.job {
            violations.append("\(job.key) of batch \(job.batch) went before \(better.key) of \(better.batch)")
        }
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
