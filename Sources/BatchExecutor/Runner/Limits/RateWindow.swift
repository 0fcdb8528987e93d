import ParleyCore

/// Counts events over the last minute, in buckets of a second.
struct RateWindow: Sendable {
    /// A minute, and the second that is not over.
    private static let bucketsCount = 61

    private var counts = [Double](repeating: 0, count: bucketsCount)
    private var newestSecond: Int64
    private let start: Timestamp
    /// Whether what is counted comes one by one: then the first of n comes at once and stands for no time, and in the
    /// first seconds n more would be too many by one.
    private let isOfSteps: Bool

    init(start: Timestamp, isOfSteps: Bool = false) {
        self.start = start
        self.isOfSteps = isOfSteps
        newestSecond = start.milliseconds / 1000
    }

    mutating func add(_ count: Double, at now: Timestamp) {
        advance(to: now)
        counts[Int(newestSecond % Int64(Self.bucketsCount))] += count
    }

    /// Events per minute over the window, or over the time since the start if that is shorter.
    ///
    /// The window is 60 seconds and as much of the newest one as has passed, so that a steady stream shows a steady rate.
    mutating func perMinute(at now: Timestamp) -> Double {
        advance(to: now)
        let covered = Double(Self.bucketsCount - 1) + max(0, now.since(newest).seconds)
        let sum = counts.reduce(0, +)
        let elapsed = max(1, now.since(start).seconds)
        let step = isOfSteps && sum > 0 ? elapsed / sum : 0
        return sum * 60 / min(covered, elapsed + step)
    }

    private var newest: Timestamp { Timestamp(milliseconds: newestSecond * 1000) }

    /// A clock that is set back adds to the newest bucket.
    private mutating func advance(to now: Timestamp) {
        let second = now.milliseconds / 1000
        guard second > newestSecond else { return }
        for passed
            in (newestSecond + 1)...max(
                newestSecond + 1, min(second, newestSecond + Int64(Self.bucketsCount)))
        {
            counts[Int(passed % Int64(Self.bucketsCount))] = 0
        }
        newestSecond = second
    }
}
