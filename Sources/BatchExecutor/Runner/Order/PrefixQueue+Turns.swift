import ParleyCore
import ProviderStack

// Whether a group's next job may go, and as what.
extension PrefixQueue {
    struct Turn: Sendable {
        var goes = false
        /// What it would be the first to write.
        var leads: [Gate] = []
        var shard = 0
        /// It would write one more copy of a beginning that is there already.
        var opensShard = false
        /// So many of the group may go like this.
        var room = Int.max

        static let held = Turn()
    }

    /// The groups from which jobs may go, in their order.
    ///
    /// Where only so many beginnings are kept at once, no others are begun before those have come to their end.
    var openGroups: Range<Int> {
        guard let limit = rules?.beginningsMax else { return groups.indices }
        return 0..<min(groups.count, limit)
    }

    func turn(of group: BeginningGroup, at now: Timestamp) -> Turn {
        guard let rules, !group.entries.isEmpty else { return .held }
        if let limit = rules.requestsPerMinute { return turn(of: group, rules, limit, at: now) }
        var turn = Turn(goes: true)
        for name in group.gates {
            let gate = Gate(name: name)
            let warmth = warmth[gate] ?? CacheWarmth()
            if warmth.isWarm(by: rules, at: now) { continue }
            guard mayLead, warmth.mayBeLed(at: now) else { return .held }
            turn.leads.append(gate)
        }
        return turn
    }

    /// How many jobs of the group may go without waiting for a leader.
    func room(for group: BeginningGroup, at now: Timestamp) -> Int {
        guard let rules else { return .max }
        guard let limit = rules.requestsPerMinute else {
            let isWarm = group.gates.allSatisfy {
                warmth[Gate(name: $0)]?.isWarm(by: rules, at: now) ?? false
            }
            return isWarm ? .max : 0
        }
        guard let shards = shards[group.name] else { return 0 }
        return (0..<shards.count).reduce(0) { room, shard in
            let isWarm = warmth[Gate(name: group.name, shard: shard)]?.isWarm(by: rules, at: now) ?? false
            return isWarm ? room + shards.room(in: shard, of: limit, at: now) : room
        }
    }

    /// The first copy that is warm and has room; else one that can be written, if the jobs of the group are more than the
    /// copies that are being written have room for.
    private func turn(
        of group: BeginningGroup, _ rules: PromptCacheRules, _ limit: Int, at now: Timestamp
    ) -> Turn {
        let shards = shards[group.name] ?? CacheShards()
        var cold: Int?
        var coming = 0
        for shard in 0..<shards.count {
            let room = shards.room(in: shard, of: limit, at: now)
            guard room > 0 else { continue }
            let warmth = warmth[Gate(name: group.name, shard: shard)] ?? CacheWarmth()
            if warmth.isWarm(by: rules, at: now) { return Turn(goes: true, shard: shard, room: room) }
            if warmth.mayBeLed(at: now) {
                cold = cold ?? shard
            } else {
                coming += room
            }
        }
        let shard = cold ?? shards.count
        guard mayLead, shard == 0 || group.entries.count + group.more > coming else { return .held }
        return Turn(
            goes: true, leads: [Gate(name: group.name, shard: shard)], shard: shard, opensShard: shard > 0,
            room: 1)
    }
}
