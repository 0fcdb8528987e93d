import ParleyCore

/// Tells which leases are over although nobody saw their worker die, by what this process has seen itself.
///
/// A plain value. The end of a lease is written by its worker's clock, and two clocks may differ by an hour or a day: one
/// was set, the other not. So the end is not held against our own clock. A worker renews its leases and lets its
/// heart beat, again and again; it has lost them when we have watched for the length of a lease and no beat came.
/// How long a lease is stands in the database: its end less the beat, both by the worker's clock.
///
/// Whoever could not look could not see a beat either. Between two looks that lie further apart than ``stepMax``
/// (the machine slept, the write lock was held, the disk was full) only that much counts: those who were held up with
/// us get the time to say that they live.
struct LeaseWatch: Sendable {
    static let stepMax = Duration.seconds(5)
    /// No lease is worth waiting for longer than this, whatever its row says.
    static let termMax = Duration.seconds(600)

    private struct Sighting: Sendable {
        var heartbeat: Timestamp
        var silence = Duration.zero
    }

    private var sightings: [[UInt8]: Sighting] = [:]
    private var lookedAt: Timestamp?

    /// Takes note of the heartbeats, by the workers' tokens.
    mutating func look(at heartbeats: [[UInt8]: Timestamp], at now: Timestamp) {
        let step = lookedAt.map { min(max(now.since($0), .zero), Self.stepMax) } ?? .zero
        lookedAt = now
        sightings = heartbeats.reduce(into: [:]) { next, beat in
            var sighting = Sighting(heartbeat: beat.value)
            if let known = sightings[beat.key], known.heartbeat == beat.value {
                sighting.silence = known.silence + step
            }
            next[beat.key] = sighting
        }
    }

    /// How long we have watched the worker without seeing a beat.
    func silence(of worker: [UInt8]) -> Duration { sightings[worker]?.silence ?? .zero }

    /// Whether a lease that ends at `end`, by its worker's clock, is over.
    func isOver(_ worker: [UInt8], end: Timestamp) -> Bool {
        guard let sighting = sightings[worker], !isForgotten(worker, end: end) else { return true }
        return sighting.silence >= min(end.since(sighting.heartbeat), Self.termMax)
    }

    /// Whether the worker's heart has beaten after the end of the lease: it has renewed what it knows of, and this is not
    /// among it.
    func isForgotten(_ worker: [UInt8], end: Timestamp) -> Bool {
        sightings[worker].map { $0.heartbeat > end } ?? true
    }
}
