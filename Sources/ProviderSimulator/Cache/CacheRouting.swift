import ParleyCore

/// Sends requests with the same beginning to the same machine while there are few of them a minute, as OpenAI does: the
/// cache of the next machine knows nothing yet.
struct CacheRouting: Sendable {
    /// The beginning that counts, in tokens.
    static let tokens = 256
    /// The most beginnings that are counted; then the counting starts anew.
    static let routesMax = 65_536

    private struct Minute: Sendable {
        var start: Timestamp
        var requests = 0
    }

    private var minutes: [UInt64: Minute] = [:]

    /// The number of the machine, from 0.
    mutating func machine(for route: UInt64, perMinute: Int, at now: Timestamp) -> UInt64 {
        if minutes.count >= Self.routesMax { minutes.removeAll(keepingCapacity: true) }
        var minute = minutes[route] ?? Minute(start: now)
        if now.since(minute.start) >= .seconds(60) { minute = Minute(start: now) }
        let machine = minute.requests / perMinute
        minute.requests += 1
        minutes[route] = minute
        return UInt64(machine)
    }
}
