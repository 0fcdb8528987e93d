import ParleyCore
import Synchronization

/// What a run has counted so far; workers add to it, the panel reads it.
final class RunTally: Sendable {
    private struct Counts: Sendable {
        var progress = RunProgress()
        var requestRate: RateWindow
        var tokenRate: RateWindow
        var failedExamples: [RunSummary.FailedExample] = []

        mutating func bill(_ usage: Usage, cost: Picodollars?, at now: Timestamp) {
            progress.usage = progress.usage + usage
            if let cost { progress.cost += cost } else { progress.unpriced += 1 }
            tokenRate.add(Double(usage.total), at: now)
        }
    }

    private let counts: Mutex<Counts>
    private let start: Timestamp

    init(start: Timestamp) {
        self.start = start
        counts = Mutex(Counts(requestRate: RateWindow(start: start), tokenRate: RateWindow(start: start)))
    }

    func sent(at now: Timestamp) {
        counts.withLock {
            $0.progress.requests += 1
            $0.progress.running += 1
            $0.requestRate.add(1, at: now)
        }
    }

    /// A request failed and its job will be asked again.
    func willRetry() {
        counts.withLock { $0.progress.retries += 1 }
    }

    /// A request is no longer in the air.
    func landed() {
        counts.withLock { $0.progress.running -= 1 }
    }

    func answered(_ usage: Usage?, cost: Picodollars?, at now: Timestamp) {
        counts.withLock {
            $0.progress.done += 1
            $0.bill(usage ?? Usage(), cost: cost, at: now)
        }
    }

    /// A request that failed and is charged all the same.
    func billed(_ usage: Usage, cost: Picodollars?, at now: Timestamp) {
        counts.withLock { $0.bill(usage, cost: cost, at: now) }
    }

    func failed(key: String, message: String) {
        counts.withLock {
            $0.progress.failed += 1
            guard $0.failedExamples.count < RunSummary.failedExamplesMax else { return }
            $0.failedExamples.append(.init(key: key, message: message))
        }
    }

    func interrupted() {
        counts.withLock { $0.progress.unknown += 1 }
    }

    func markSimulated() {
        counts.withLock { $0.progress.isSimulated = true }
    }

    var failedExamples: [RunSummary.FailedExample] { counts.withLock { $0.failedExamples } }

    /// The counts, with rates and an outlook.
    ///
    /// - Parameter open: the jobs of the run's batches that are neither finished nor in the air.
    func progress(open: Int, at now: Timestamp) -> RunProgress {
        counts.withLock { counts in
            var progress = counts.progress
            progress.elapsed = now.since(start)
            progress.waiting = max(0, open)
            progress.requestsPerMinute = counts.requestRate.perMinute(at: now)
            progress.tokensPerMinute = counts.tokenRate.perMinute(at: now)
            Outlook(progress).complete(&progress)
            return progress
        }
    }
}

/// What the answers so far say of those to come.
private struct Outlook {
    /// Fewer answers than this say nothing.
    private static let answersMin = 5

    let finished: Int
    let open: Int

    init(_ progress: RunProgress) {
        finished = progress.done + progress.failed
        open = progress.waiting + progress.running
    }

    func complete(_ progress: inout RunProgress) {
        guard finished >= Self.answersMin, progress.elapsed > .zero else { return }
        progress.timeLeft = progress.elapsed * (Double(open) / Double(finished))
        let priced = progress.done - progress.unpriced
        guard priced > 0, progress.unpriced == 0 else { return }
        let share = Double(open) / Double(finished)
        let rest = (Double(progress.cost.value) * share).rounded()
        guard rest < Double(Int64.max / 2) else { return }
        progress.projectedCost = progress.cost + Picodollars(Int64(rest))
    }
}
