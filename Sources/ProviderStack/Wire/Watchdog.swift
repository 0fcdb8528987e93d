import NIOCore
import Synchronization

/// What has deadlines that the ``Watchdog`` looks at.
protocol Watched: AnyObject, Sendable {
    func look(at now: NIODeadline)

    /// Ends it as cancelled: the client is being shut down.
    func cut()
}

/// Ends the exchanges that exceed their limits.
///
/// One coarse timer serves all exchanges: it looks at each of them every ``tick`` and stops by itself when there are
/// none. A timer for each piece of each answer would cost more than reading it.
final class Watchdog: Sendable {
    static let tick: TimeAmount = .milliseconds(50)

    private struct State {
        var watches: [ObjectIdentifier: any Watched] = [:]
        var isTicking = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// False when it is closed: then nobody looks, and nothing must be sent.
    @discardableResult
    func add(_ watch: any Watched) -> Bool {
        let (isWatched, mustStart) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.watches[ObjectIdentifier(watch)] = watch
            defer { state.isTicking = true }
            return (true, !state.isTicking)
        }
        if mustStart { scheduleTick() }
        return isWatched
    }

    /// Ends whatever is watched, and takes nothing more.
    func close() {
        let watches = state.withLock { state in
            state.isClosed = true
            return Array(state.watches.values)
        }
        for watch in watches { watch.cut() }
    }

    func remove(_ watch: any Watched) {
        state.withLock { _ = $0.watches.removeValue(forKey: ObjectIdentifier(watch)) }
    }

    private func scheduleTick() {
        eventLoop.scheduleTask(in: Self.tick) { self.look() }
    }

    private func look() {
        let watches = state.withLock { state in
            if state.watches.isEmpty { state.isTicking = false }
            return Array(state.watches.values)
        }
        guard !watches.isEmpty else { return }
        let now = NIODeadline.now()
        for watch in watches { watch.look(at: now) }
        scheduleTick()
    }
}

/// The limits of one exchange's body, and the task that is to be ended when one is exceeded.
final class Watch: Watched {
    private struct State {
        var idleDeadline: NIODeadline
        var totalDeadline: NIODeadline
        var exceeded: TimeLimits.Exceeded?
        var cancel: (@Sendable () -> Void)?
        var isWaiting = false

        mutating func stop() {
            cancel = nil
            isWaiting = false
        }
    }

    private let state: Mutex<State>
    private let idle: TimeAmount

    init(idle: TimeAmount, totalDeadline: NIODeadline) {
        self.idle = idle
        state = Mutex(State(idleDeadline: .now() + idle, totalDeadline: totalDeadline))
    }

    /// The limit that was exceeded, if one was.
    var exceeded: TimeLimits.Exceeded? { state.withLock { $0.exceeded } }

    /// Brings the end forward.
    func hurry(to deadline: NIODeadline) {
        state.withLock { $0.totalDeadline = min($0.totalDeadline, deadline) }
    }

    /// Something has come: the idle time starts anew.
    func touch() {
        let deadline = NIODeadline.now() + idle
        state.withLock { $0.idleDeadline = deadline }
    }

    private func start() {
        let deadline = NIODeadline.now() + idle
        state.withLock { state in
            state.idleDeadline = deadline
            state.isWaiting = true
        }
    }

    /// Runs work in a task of its own, which is cancelled when a limit is exceeded or when the caller's task is.
    ///
    /// The idle time starts with the work, not with the wish for it: neither the consumer's time between two runs nor the
    /// wait for a free thread is the provider's fault.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = Task {
            start()
            return try await work()
        }
        let isLate = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.exceeded != nil
        }
        if isLate { task.cancel() }
        defer { state.withLock { $0.stop() } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    func cut() { state.withLock { $0.cancel }?() }

    func look(at now: NIODeadline) {
        let cancel = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.exceeded == nil else { return nil }
            if now >= state.totalDeadline {
                state.exceeded = .total
            } else if state.isWaiting, now >= state.idleDeadline {
                state.exceeded = .idle
            }
            return state.exceeded == nil ? nil : state.cancel
        }
        cancel?()
    }
}
