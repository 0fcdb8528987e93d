import ParleyCore

/// How many requests went to each copy of one beginning within the minute, for a provider that sends only so many a minute
/// to one machine.
struct CacheShards: Sendable {
    /// The provider's minutes begin when the requests arrive, a little later than ours.
    static let minute = Duration.seconds(61)

    private struct Minute: Sendable {
        var start: Timestamp
        var count: Int
    }

    private var minutes: [Minute] = []

    /// Copies that were used so far.
    var count: Int { minutes.count }

    /// How many more requests may go to the copy within its minute.
    func room(in shard: Int, of limit: Int, at now: Timestamp) -> Int {
        guard minutes.indices.contains(shard), now.since(minutes[shard].start) < Self.minute else {
            return limit
        }
        return max(0, limit - minutes[shard].count)
    }

    mutating func use(_ shard: Int, at now: Timestamp) {
        while minutes.count <= shard { minutes.append(Minute(start: now, count: 0)) }
        if now.since(minutes[shard].start) >= Self.minute { minutes[shard] = Minute(start: now, count: 0) }
        minutes[shard].count += 1
    }
}
