import ParleyCore

/// Counts events over the last minute, in buckets of a second.
struct RateWindow: Sendable {
    private static let bucketsCount = 60

    private var counts = [Double](repeating: 0, count: bucketsCount)
    private var newestSecond: Int64
    private let start: Timestamp

    init(start: Timestamp) {
        self.start = start
        newestSecond = start.milliseconds / 1000
    }

    mutating func add(_ count: Double, at now: Timestamp) {
        advance(to: now)
        counts[Int(newestSecond % Int64(Self.bucketsCount))] += count
    }

    /// Events per minute over the window, or over the time since the start if that is shorter.
    mutating func perMinute(at now: Timestamp) -> Double {
        advance(to: now)
        let seconds = min(Double(Self.bucketsCount), max(1, now.since(start).seconds))
        return counts.reduce(0, +) * 60 / seconds
    }

    /// A clock that is set back adds to the newest bucket.
    private mutating func advance(to now: Timestamp) {
        let second = now.milliseconds / 1000
        guard second > newestSecond else { return }
        for passed in (newestSecond + 1)...max(newestSecond + 1, min(second, newestSecond + 60)) {
            counts[Int(passed % Int64(Self.bucketsCount))] = 0
        }
        newestSecond = second
    }
}
