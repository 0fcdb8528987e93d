import ConversationStore
import Foundation
import Synchronization
import UnixSignals

/// Stops what is being answered when a signal comes, and remembers which one it was.
///
/// Ctrl-C stops the answer; SIGTERM and the end of the terminal end the program as well.
final class StopDesk: Sendable {
    private struct State: Sendable {
        var stop: (@Sendable () -> Void)?
        var signal: StopSignal?
        var leave: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// The last signal that has come; nil = none since ``forgive()``.
    var signal: StopSignal? { state.withLock { $0.signal } }

    /// Whether the program is to end.
    var isLeaving: Bool {
        switch signal {
        case .terminate, .hangup: true
        case .interrupt, nil: false
        }
    }

    /// A Ctrl-C that has stopped an answer is forgotten.
    func forgive() {
        state.withLock { if $0.signal == .interrupt { $0.signal = nil } }
    }

    /// Calls that when the program is to end: whoever waits for a line is woken.
    func onLeaving(_ leave: @escaping @Sendable () -> Void) { state.withLock { $0.leave = leave } }

    /// Does a piece of work that a signal stops.
    func stoppable<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        let task = Task { try await work() }
        let isLate = state.withLock { state in
            state.stop = { task.cancel() }
            return state.signal != nil
        }
        if isLate { task.cancel() }
        defer { state.withLock { $0.stop = nil } }
        return try await task.value
    }

    func take(_ signal: StopSignal) {
        let (stop, leave) = state.withLock { state in
            state.signal = signal
            return (state.stop, state.leave)
        }
        stop?()
        // Ctrl-C where nothing is under way leaves, too.
        if signal != .interrupt || stop == nil { leave?() }
    }

    /// Listens to signals for as long as the work takes.
    func listening<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let signals = await UnixSignalsSequence(trapping: StopSignal.trapped)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await signal in signals { StopSignal(signal).map { self.take($0) } }
                return nil
            }
            group.addTask { try await work() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}

extension StopSignal {
    /// Those that stop a program; under nohup the end of the terminal is none of our business.
    static var trapped: [UnixSignal] {
        [.sigint, .sigterm] + (SignalledRun.isIgnored(SIGHUP) ? [] : [.sighup])
    }
}
