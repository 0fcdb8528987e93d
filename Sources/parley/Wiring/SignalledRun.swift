import BatchExecutor
import ConversationStore
import UnixSignals

/// A run that a person can stop: the first signal gently, the second at once.
struct SignalledRun {
    let runner: BatchRunner
    let screen: Screen

    private enum Event: Sendable {
        case ended(RunSummary)
        /// The stream of signals is over, which happens only when the task is cancelled.
        case signalsEnded
    }

    func run(_ batches: [BatchRecord]?) async throws -> RunOutcome {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
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
        return RunOutcome(summary: summary, wasTerminated: await last.wasTerminated)
    }

    /// A stop may take its time; the second signal must not wait for the first one's.
    private func follow(_ signals: UnixSignalsSequence, _ last: LastSignal) async {
        await withDiscardingTaskGroup { stops in
            var count = 0
            for await signal in signals {
                count += 1
                await last.set(signal)
                if count == 1 {
                    stops.addTask { await runner.stop() }
                    if !screen.terminal.isInteractive {
                        screen.say("Stopping: what is in the air may finish; once more stops at once.")
                    }
                } else if count == 2 {
                    stops.addTask { await runner.stopNow() }
                }
            }
        }
    }
}

/// What a run came to, and by what it was stopped.
struct RunOutcome: Sendable {
    var summary: RunSummary
    /// SIGTERM rather than Ctrl-C.
    var wasTerminated = false
    /// Where the batches stand now.
    var statuses: [BatchStatus] = []

    var status: ExitStatus {
        switch summary.stopped {
        case .signal: wasTerminated ? .terminated : .interrupted
        case .budget, .providers: .stoppedEarly
        case nil: summary.failed > 0 || summary.unknown > 0 ? .jobsFailed : .done
        }
    }
}

private actor LastSignal {
    private(set) var wasTerminated = false

    func set(_ signal: UnixSignal) { wasTerminated = signal == .sigterm }
}
