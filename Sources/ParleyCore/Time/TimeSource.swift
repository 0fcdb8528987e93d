internal import Foundation

/// Where a shell gets the time from, and how it waits: real in the program, set by hand in tests.
public struct TimeSource: Sendable {
    private let read: @Sendable () -> Timestamp
    private let wait: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        read = now
        wait = sleep
    }

    /// The wall clock's time, or nearly; see ``steady(from:elapsed:)``.
    public var now: Timestamp { read() }

    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    public func sleep(for duration: Duration) async throws { try await wait(duration) }

    /// The machine's own clock, as it stood when the program began; from then on it only goes forward.
    public static let system: TimeSource = {
        let begun = ContinuousClock.now
        let start = Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
        return steady(from: start, elapsed: { ContinuousClock.now - begun })
    }()

    /// A clock that nobody can set: `start`, and what has passed since by a clock that only counts.
    ///
    /// A wall clock is set back and forward, by people, by daemons and by a machine that wakes up. A wait until a moment
    /// that has moved an hour away is an hour longer; so a program looks at the wall clock once. Two programs may
    /// therefore disagree by as much as the clock was set between their beginnings: whatever they leave for each other
    /// must bear that.
    public static func steady(
        from start: Timestamp, elapsed: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) -> TimeSource {
        TimeSource(now: { start + elapsed() }, sleep: sleep)
    }
}
