import ConversationStore
import DequeModule
import ParleyCore
import ProviderStack

/// The jobs of one lane in an order that makes the most of the provider's cache: a plain value.
///
/// Jobs that share a beginning stand together as a group. The first of them leads: the others wait until the first token
/// of its answer has come, since what it writes can be read from then on. Meanwhile other groups go. Groups go one after
/// the other, so that few entries have to be kept alive, but a group whose entry would be lost soon sends a job before its
/// turn. Jobs whose shared beginning is too short for the cache, or is shared by nobody, wait for nobody.
struct PrefixQueue: Sendable {
    /// Of a beginning and one of its copies.
    struct Gate: Sendable, Hashable {
        var name: SharedBeginning.Name
        var shard = 0
    }

    /// Nil: in the order of arrival, and nobody waits for anybody.
    var rules: PromptCacheRules?
    /// The time between two requests of the lane, where a limit says it.
    var pace: Duration?
    /// In the order in which they were opened; those with no jobs left are forgotten.
    var groups: [BeginningGroup] = []
    /// Jobs that wait for nobody.
    var free: Deque<BeginningGroup.Entry> = []
    /// The jobs in all of them.
    private(set) var count = 0
    /// How many jobs were taken and have not come to their end.
    var out = 0
    /// What is known of each beginning; it outlives the group, of which more jobs may come.
    var warmth: [Gate: CacheWarmth] = [:]
    var shards: [SharedBeginning.Name: CacheShards] = [:]
    /// What each leader in the air leads.
    private var leading: [JobID: [Gate]] = [:]
    /// How many jobs came with each beginning, so that one that nobody else is known to share is recognised when it comes
    /// again.
    private var seen: [SharedBeginning.Name: Int] = [:]
    private static let seenMax = 65_536
    /// When more beginnings are known, those that are cold again are forgotten.
    private var warmthMax = warmthMaxLeast
    private static let warmthMaxLeast = 4096
    /// When the next entry may be in danger.
    private var looksForRiskAt: Timestamp?
    private var atRisk: Deque<SharedBeginning.Name> = []
    private var wasAtRisk = false
    /// No more groups can be opened, so that further copies of those that are there may be written.
    var isExhausted = false
    private var interval = PaceGauge()

    init(rules: PromptCacheRules? = nil, pace: Duration? = nil) {
        self.rules = rules
        self.pace = pace
    }

    var isEmpty: Bool { count == 0 }
}

// What comes and goes.
extension PrefixQueue {
    /// Says that a job with these beginnings is about to be added: whoever is added before it shares them with it.
    mutating func expect(_ beginnings: [SharedBeginning]) {
        if seen.count >= Self.seenMax { seen.removeAll(keepingCapacity: true) }
        for beginning in beginnings { seen[beginning.name, default: 0] += 1 }
    }

    /// Adds a job that was expected.
    ///
    /// - Parameter beginnings: those that it may share with others, the shorter ones first.
    mutating func add(_ job: LeasedJob, beginnings: [SharedBeginning]) {
        count += 1
        let shared = beginnings.filter(isShared)
        let entry = BeginningGroup.Entry(job: job, level: shared.last?.name.level)
        guard let rules else { return free.append(entry) }
        var gates = shared.filter { $0.tokens >= rules.tokensMin }
        // A key sends each of the longest beginnings to a machine of its own.
        if rules.requestsPerMinute != nil { gates = gates.suffix(1) }
        guard let last = gates.last else { return free.append(entry) }
        let index = index(of: last.name, gates: gates.map(\.name))
        groups[index].entries.append(entry)
        groups[index].more = last.name.keys == nil ? 0 : last.mates
    }

    /// Whether others share it, as far as is known.
    private func isShared(_ beginning: SharedBeginning) -> Bool {
        beginning.name.level == 0 || beginning.mates > 0 || seen[beginning.name, default: 0] > 1
    }

    private mutating func index(of name: SharedBeginning.Name, gates: [SharedBeginning.Name]) -> Int {
        if let index = groups.firstIndex(where: { $0.name == name }) { return index }
        groups.append(BeginningGroup(name: name, gates: gates))
        return groups.endIndex - 1
    }

    /// Puts a job that was taken back to the front of its group. It leads no more.
    mutating func putBack(_ job: LeasedJob, _ place: CachePlace) {
        end(job.lease.job)
        count += 1
        let entry = BeginningGroup.Entry(job: job, level: place.level)
        guard let name = place.group else { return free.prepend(entry) }
        // A group that was forgotten with its last job was one of the first.
        if !groups.contains(where: { $0.name == name }) {
            groups.insert(BeginningGroup(name: name, gates: place.gates), at: 0)
        }
        groups[index(of: name, gates: place.gates)].entries.prepend(entry)
    }

    /// Takes all jobs out.
    mutating func removeAll() -> [LeasedJob] {
        let jobs = groups.flatMap { $0.entries.map(\.job) } + free.map(\.job)
        groups = []
        free = []
        count = 0
        return jobs
    }
}

// Who goes.
extension PrefixQueue {
    /// The next job, if one may go now.
    mutating func next(at now: Timestamp) -> (job: LeasedJob, place: CachePlace)? {
        guard count > 0 else { return nil }
        if !groups.isEmpty {
            if let index = nextAtRisk(at: now) {
                return take(index, turn(of: groups[index], at: now), at: now)
            }
            for index in openGroups {
                let turn = turn(of: groups[index], at: now)
                if turn.goes, !turn.opensShard { return take(index, turn, at: now) }
            }
        }
        if let entry = free.popFirst() {
            count -= 1
            let retention: PromptCacheWish.Retention = entry.level == nil ? .none : .standard
            return (entry.job, CachePlace(level: entry.level, retention: retention))
        }
        guard isExhausted, let index = groupForNewShard(at: now) else { return nil }
        return take(index, turn(of: groups[index], at: now), at: now)
    }

    /// The group of which there are the fewest copies, so that all are used evenly: the more time passes between the requests
    /// of one beginning, the fewer copies it needs.
    private func groupForNewShard(at now: Timestamp) -> Int? {
        // Jobs that could read a copy are only not here yet.
        let isLacking = openGroups.contains {
            groups[$0].entries.isEmpty && groups[$0].more > 0 && room(for: groups[$0], at: now) > 0
        }
        if isLacking { return nil }
        return openGroups.filter { turn(of: groups[$0], at: now).goes }
            .min { copies(of: groups[$0].name) < copies(of: groups[$1].name) }
    }

    /// Jobs that may go now; counted up to `limit`.
    func readyCount(at now: Timestamp, upTo limit: Int) -> Int {
        var ready = free.count
        for index in openGroups where ready < limit {
            let turn = turn(of: groups[index], at: now)
            guard turn.goes, !turn.opensShard || isExhausted else { continue }
            ready += turn.leads.isEmpty ? min(groups[index].entries.count, turn.room) : 1
        }
        return min(ready, limit)
    }

    private mutating func take(_ index: Int, _ turn: Turn, at now: Timestamp) -> (LeasedJob, CachePlace)? {
        guard let rules, let entry = groups[index].entries.popFirst() else { return nil }
        count -= 1
        interval.note(at: now)
        let group = groups[index]
        let job = entry.job.lease.job
        let retention = turn.leads.isEmpty ? .standard : retention(for: group, by: rules)
        for name in group.gates {
            let gate = Gate(name: name, shard: turn.shard)
            if turn.leads.contains(gate) {
                warmth[gate, default: CacheWarmth()].lead(job, retention, by: rules, at: now)
            } else {
                warmth[gate]?.use(at: now)
            }
        }
        if !turn.leads.isEmpty { leading[job] = turn.leads }
        if rules.requestsPerMinute != nil {
            shards[group.name, default: CacheShards()].use(turn.shard, at: now)
        }
        let place = CachePlace(
            isLeader: !turn.leads.isEmpty, level: entry.level, shard: turn.shard,
            retention: retention, group: group.name, gates: group.gates)
        if !groups[index].isAlive { forget(index, at: now) }
        return (entry.job, place)
    }

    /// For a group whose next job is out already.
    private func retention(
        for group: BeginningGroup, by rules: PromptCacheRules
    ) -> PromptCacheWish.Retention {
        let jobs = group.entries.count + group.more + 1
        return CacheArithmetic(rules: rules, jobs: jobs, gap: pace ?? interval.mean).best
    }

    private mutating func forget(_ index: Int, at now: Timestamp) {
        groups.remove(at: index)
        guard let rules, warmth.count > warmthMax else { return }
        warmth = warmth.filter { !$0.value.isIdle(by: rules, at: now) }
        shards = shards.filter { warmth[Gate(name: $0.key)] != nil }
        warmthMax = max(Self.warmthMaxLeast, warmth.count * 2)
    }

    func copies(of name: SharedBeginning.Name) -> Int { shards[name]?.count ?? 0 }

    /// The first token of a job's answer has come.
    mutating func ripen(_ job: JobID, at now: Timestamp) {
        for gate in leading.removeValue(forKey: job) ?? [] { warmth[gate]?.ripen(by: job, at: now) }
    }

    /// A job has come to its end, or goes back; if it led, somebody else has to.
    mutating func end(_ job: JobID) {
        for gate in leading.removeValue(forKey: job) ?? [] { warmth[gate]?.lose(job) }
    }

    var isLed: Bool { !leading.isEmpty }

    /// Whether another beginning may be led. Where a limit holds, only while few jobs are out: no more than go within
    /// ``leadTime``, or what the leaders write would be gone before their followers get a turn.
    var mayLead: Bool {
        guard let pace, pace > .zero else { return true }
        return out < max(1, Int(Self.leadTime / pace))
    }

    static let leadTime = Duration.seconds(30)
}

// Entries that would be lost soon.
extension PrefixQueue {
    /// A group whose entry is in danger; every second job at the most, so that the others go on.
    private mutating func nextAtRisk(at now: Timestamp) -> Int? {
        guard let rules else { return nil }
        if now >= looksForRiskAt ?? now {
            looksForRiskAt = now + min(.seconds(1), rules.lifetime / 20)
            let names = groups.filter { !$0.entries.isEmpty }.map(\.name)
            atRisk = Deque(
                names.filter { warmth[Gate(name: $0)]?.isAtRisk(by: rules, at: now) ?? false }
                    .sorted { usedAt($0) < usedAt($1) })
        }
        wasAtRisk.toggle()
        guard wasAtRisk else { return nil }
        while let name = atRisk.popFirst() {
            if let index = groups.firstIndex(where: { $0.name == name }),
                warmth[Gate(name: name)]?.isAtRisk(by: rules, at: now) == true,
                turn(of: groups[index], at: now).goes
            {
                return index
            }
        }
        wasAtRisk = false
        return nil
    }

    private func usedAt(_ name: SharedBeginning.Name) -> Int64 {
        warmth[Gate(name: name)]?.usedAt?.milliseconds ?? 0
    }
}
