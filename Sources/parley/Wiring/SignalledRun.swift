import BatchExecutor
import ConversationStore
import Foundation
import UnixSignals

/// A run that a person can stop: the first signal gently, the second at once.
///
/// Ctrl-C, SIGTERM and a terminal that is closed stop it; SIGUSR1 asks where it stands; SIGCONT says that the terminal
/// may have changed meanwhile.
struct SignalledRun {
    let runner: BatchRunner
    let screen: Screen
    let show: ProgressShow

    private enum Event: Sendable {
        case ended(RunSummary)
        /// The stream of signals is over, which happens only when the task is cancelled.
        case signalsEnded
    }

    func run(_ batches: [BatchRecord]?) async throws -> RunOutcome {
        var trapped: [UnixSignal] = [.sigint, .sigterm, .sigusr1, .sigcont]
        // Under nohup the closing of the terminal is none of our business.
        if !Self.isIgnored(SIGHUP) { trapped.append(.sighup) }
        let signals = await UnixSignalsSequence(trapping: trapped)
        let last = LastSignal()
        let summary = try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                await follow(signals, last)
                return .signalsEnded
            }
            group.addTask { .ended(try await runner.run(batches: batches)) }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                if case .ended(let summary) = event { return summary }
            }
            throw CancellationError()
        }
        return RunOutcome(summary: summary, signal: await last.signal)
    }

    /// A stop may take its time; the second signal must not wait for the first one's.
    private func follow(_ signals: UnixSignalsSequence, _ last: LastSignal) async {
        await withDiscardingTaskGroup { stops in
            var count = 0
            for await signal in signals {
                guard let stop = StopSignal(signal) else {
                    if signal == .sigcont { screen.leavePanel() } else { show.tellNow() }
                    continue
                }
                count += 1
                await last.set(stop)
                if count == 1 {
                    stops.addTask { await runner.stop() }
                    if !screen.hasPanel {
                        screen.say("Stopping: what is in the air may finish; once more stops at once.")
                    }
                } else if count == 2 {
                    stops.addTask { await runner.stopNow() }
                }
            }
        }
    }

    static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        #if canImport(Darwin)
            let handler = action.__sigaction_u.__sa_handler
        #else
            let handler = action.__sigaction_handler.sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// A signal that ends a run.
enum StopSignal: Sendable {
    case interrupt, terminate, hangup

    init?(_ signal: UnixSignal) {
        switch signal {
        case .sigint: self = .interrupt
        case .sigterm: self = .terminate
        case .sighup: self = .hangup
        default: return nil
        }
    }

    /// What the program's end says then.
    var status: ExitStatus {
        switch self {
        case .interrupt: .interrupted
        case .terminate: .terminated
        case .hangup: .hungUp
        }
    }
}

/// What a run came to, and by what it was stopped.
struct RunOutcome: Sendable {
    var summary: RunSummary
    /// The last one, if there was any.
    var signal: StopSignal?
    /// Where the batches stand now.
    var statuses: [BatchStatus] = []

    var status: ExitStatus {
        switch summary.stopped {
        case .signal: (signal ?? .interrupt).status
        case .budget, .providers: .stoppedEarly
        case nil: summary.failed > 0 || summary.unknown > 0 ? .jobsFailed : .done
        }
    }
}

private actor LastSignal {
    private(set) var signal: StopSignal?

    func set(_ signal: StopSignal) { self.signal = signal }
}
