import ParleyCore

/// Keeps requests apart at the moment at which they really start.
///
/// A place in a provider's time (``TokenBucket``) is a plan. A machine that is busy, or a disk that is slow, lets several
/// requests that were to start one after the other start together, and a server that counts evenly refuses them. The gate
/// lets a late request go at once, but those behind it at the limit's own distance: what the machine lost is lost.
///
/// A plain value in nanoseconds since 1970, of one process.
public struct StartGate: Sendable, Hashable {
    /// So much too soon a request may come, beside half of the distance: clocks and timers are no more exact.
    static let exactness: Int64 = 5_000_000

    private var nextAt: Int64 = 0

    public init() {}

    /// How long to wait before asking again; zero = go now, and the gate is closed behind you.
    ///
    /// - Parameter distance: nanoseconds from one request to the next.
    mutating func wait(distance: Double, at now: Timestamp) -> Duration {
        let now = now.milliseconds * 1_000_000
        let distance = Int64(distance.rounded())
        // A clock that was set back holds nobody up longer than usual.
        nextAt = min(nextAt, now + 2 * distance)
        let opensAt = nextAt - max(distance / 2, Self.exactness)
        guard now >= opensAt else { return .milliseconds((opensAt - now + 999_999) / 1_000_000) }
        nextAt = max(now, nextAt) + distance
        return .zero
    }
}
