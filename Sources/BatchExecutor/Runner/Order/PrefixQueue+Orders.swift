import ConversationStore
import ParleyCore
import ProviderStack

// What is wanted from the store.
extension PrefixQueue {
    /// So many jobs of a group that waits for its leader lie ready for the moment when it may go.
    private static let heldMax = 8

    /// More jobs of the groups that are open, so that `wanted` may go; and how many are missing after that.
    func wants(_ wanted: Int, at now: Timestamp) -> (more: [PrefixOrders.More], missing: Int) {
        var missing = wanted - readyCount(at: now, upTo: wanted)
        var more: [PrefixOrders.More] = []
        for index in openGroups where missing > 0 {
            let group = groups[index]
            guard group.more > 0, let keys = group.name.keys else { continue }
            let room = room(for: group, at: now)
            let count = min(missing, max(room, Self.heldMax) - group.entries.count)
            guard count > 0 else { continue }
            more.append(PrefixOrders.More(keys, count: count))
            if room > 0 { missing -= min(count, group.more) }
        }
        return (more, missing)
    }

    /// Whether another beginning may be begun.
    var hasRoomForGroups: Bool { rules?.beginningsMax.map { groups.count < $0 } ?? true }

    /// Takes note of what the store gave.
    mutating func note(_ jobs: [LeasedJob], for orders: PrefixOrders) {
        for order in orders.more {
            let isGiven = jobs.contains { $0.prefix.map { order.keys.contains($0.number) } ?? false }
            guard !isGiven, let index = groups.firstIndex(where: { $0.name.keys == order.keys }) else {
                continue
            }
            groups[index].more = 0
        }
        groups.removeAll { !$0.isAlive }
    }
}
