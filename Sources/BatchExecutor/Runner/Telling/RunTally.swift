import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// What a run has counted so far; workers add to it, the panel reads it.
final class RunTally: Sendable {
    private struct Counts: Sendable {
        var progress = RunProgress()
        var traffic: [ModelName: ModelTraffic] = [:]
        /// Of the models beyond the first ``RunTally/trafficMax``, together.
        var otherTraffic: ModelTraffic
        var outlook = Outlook()
        var waits = WaitLog()
        var sentAt: Timestamp?
        var failedExamples: [RunSummary.FailedExample] = []

        mutating func withTraffic(
            of model: ModelName, since start: Timestamp, _ body: (inout ModelTraffic) -> Void
        ) {
            if traffic[model] != nil || traffic.count < RunTally.trafficMax {
                body(&traffic[model, default: ModelTraffic(start: start)])
            } else {
                body(&otherTraffic)
            }
        }

        mutating func bill(_ usage: Usage, cost: Picodollars?) {
            progress.usage = progress.usage + usage
            if let cost { progress.cost += cost } else { progress.unpriced += 1 }
            outlook.unpriced = progress.unpriced
        }
    }

    private let counts: Mutex<Counts>
    private let start: Timestamp
    /// Rates are kept apart for so many models: rows may name a model of their own each.
    private static let trafficMax = 32
    private static let otherModels = ModelName(provider: "other", model: "models")

    init(start: Timestamp) {
        self.start = start
        counts = Mutex(Counts(otherTraffic: ModelTraffic(start: start)))
    }

    func sent(to model: ModelName, at now: Timestamp) {
        counts.withLock {
            $0.progress.requests += 1
            $0.sentAt = now
            $0.progress.running += 1
            $0.withTraffic(of: model, since: start) { $0.sent(at: now) }
        }
    }

    /// A request is no longer in the air.
    func landed(from model: ModelName) {
        counts.withLock {
            $0.progress.running -= 1
            $0.withTraffic(of: model, since: start) { $0.landed() }
        }
    }

    /// A request failed and its job will be asked again.
    func willRetry() {
        counts.withLock { $0.progress.retries += 1 }
    }

    func answered(
        by model: ModelName, in batch: BatchID, _ usage: Usage?, cost: Picodollars?, after latency: Duration,
        at now: Timestamp
    ) {
        let usage = usage ?? Usage()
        counts.withLock {
            $0.outlook.latencies.add(latency)
            $0.progress.done += 1
            if model.provider == .simulator { $0.progress.isSimulated = true }
            $0.bill(usage, cost: cost)
            $0.withTraffic(of: model, since: start) { $0.used(usage, at: now) }
            $0.outlook.throughput.add(at: now)
            $0.outlook.costs[batch, default: CostSample()].add(cost ?? .zero)
        }
    }

    /// A job that was answered with a copy: it is done, and costs nothing.
    func reused(_ answer: ReusedAnswer, in batch: BatchID, at now: Timestamp) {
        counts.withLock {
            $0.progress.done += 1
            $0.progress.reused.add(answer)
            if answer.model.provider == .simulator { $0.progress.isSimulated = true }
            $0.outlook.throughput.add(at: now)
            $0.outlook.costs[batch, default: CostSample()].add(.zero)
        }
    }

    /// A request that failed and is charged all the same.
    func billed(
        by model: ModelName, in batch: BatchID, _ usage: Usage, cost: Picodollars?, at now: Timestamp
    ) {
        counts.withLock {
            if model.provider == .simulator { $0.progress.isSimulated = true }
            $0.bill(usage, cost: cost)
            $0.withTraffic(of: model, since: start) { $0.used(usage, at: now) }
            $0.outlook.costs[batch, default: CostSample()].bill(cost ?? .zero)
        }
    }

    func failed(_ key: String, in batch: BatchID, message: String, at now: Timestamp) {
        counts.withLock {
            $0.progress.failed += 1
            $0.outlook.throughput.add(at: now)
            $0.outlook.costs[batch, default: CostSample()].add(.zero)
            guard $0.failedExamples.count < RunSummary.failedExamplesMax else { return }
            $0.failedExamples.append(.init(key: key, message: message))
        }
    }

    func interrupted() {
        counts.withLock { $0.progress.unknown += 1 }
    }

    var failedExamples: [RunSummary.FailedExample] { counts.withLock { $0.failedExamples } }
}

extension RunTally {
    /// Jobs that are over for this run.
    var finished: Int {
        counts.withLock { $0.progress.done + $0.progress.failed + $0.progress.unknown }
    }

    /// The counts, with rates and an outlook.
    ///
    /// - Parameters:
    ///   - total: all jobs of the run; those that are neither finished nor in the air are waiting.
    ///   - openByBatch: the jobs of each batch that are not over, where that is known; a little older, perhaps.
    func progress(of total: Int, openByBatch: [BatchID: Int] = [:], at now: Timestamp) -> RunProgress {
        counts.withLock { counts in
            var progress = counts.progress
            progress.elapsed = now.since(start)
            progress.waiting = max(0, total - progress.total)
            progress.gauges = counts.traffic.keys.sorted { $0.description < $1.description }.compactMap {
                counts.traffic[$0]?.gauge(of: $0, at: now)
            }
            let others = counts.otherTraffic.gauge(of: Self.otherModels, at: now)
            for gauge in progress.gauges + [others] {
                progress.requestsPerMinute += gauge.requests.used
                progress.tokensPerMinute += gauge.tokens.used
            }
            counts.outlook.throughput.advance(to: now)
            progress.timeLeft = counts.outlook.timeLeft(
                waiting: progress.waiting, running: progress.running,
                sinceSent: counts.sentAt.map { now.since($0) } ?? .zero)
            progress.projectedCost = counts.outlook.cost(
                after: progress.cost, open: progress.waiting + progress.running, openByBatch: openByBatch)
            return progress
        }
    }

    /// Notes what the run is held up by now, and says what is worth telling of it.
    func look(_ wait: RunWait?, at now: Timestamp) -> RunWait? {
        counts.withLock {
            $0.waits.look(wait, at: now)
            return $0.waits.lasting
        }
    }

    /// What the run was held up by, the longest first.
    var waits: [RunSummary.Wait] {
        counts.withLock { $0.waits.total }.map { RunSummary.Wait($0.key, $0.value) }
            .sorted { ($1.duration, $0.cause.name) < ($0.duration, $1.cause.name) }
    }
}
