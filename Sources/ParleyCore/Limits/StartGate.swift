/// Keeps requests apart at the moment at which they really start.
///
/// A place in a provider's time is a plan. A machine that is busy, or a disk that is slow, lets several requests that were
/// to start one after the other start together, and a server that counts evenly refuses them. The gate lets a late request
/// go at once, but those behind it at the limit's own distance: what the machine lost is lost.
///
/// A plain value in nanoseconds since 1970.
public struct StartGate: Sendable, Hashable {
    /// So much too soon a request may come, beside half of the distance: clocks and timers are no more exact.
    public static let exactness: Int64 = 5_000_000

    /// When the next request is due; zero when none has started yet.
    public private(set) var nextAt: Int64

    public init(nextAt: Int64 = 0) { self.nextAt = nextAt }

    /// How long to wait before asking again; zero = go now, and the gate is closed behind you.
    ///
    /// - Parameter distance: nanoseconds from one request to the next.
    public mutating func wait(distance: Double, at now: Timestamp) -> Duration {
        let now = now.milliseconds * 1_000_000
        let distance = Int64(distance.rounded())
        // A clock that was set back holds nobody up longer than usual.
        let due = min(nextAt, now + 2 * distance)
        let opensAt = due - max(distance / 2, Self.exactness)
        guard now >= opensAt else { return .milliseconds((opensAt - now + 999_999) / 1_000_000) }
        nextAt = max(now, due) + distance
        return .zero
    }
}
