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

    /// The wall clock's time.
    public var now: Timestamp { read() }

    /// Waits; throws `CancellationError` when the task is cancelled meanwhile.
    public func sleep(for duration: Duration) async throws { try await wait(duration) }

    /// The machine's own clock.
    public static let system = TimeSource(
        now: { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
        sleep: { try await Task.sleep(for: $0) })
}
