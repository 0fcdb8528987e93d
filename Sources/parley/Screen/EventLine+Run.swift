import BatchExecutor
import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import UsageReport

extension EventLine {
    /// The form that docs/events.md describes.
    ///
    /// - Parameter next: the command that goes on after a run, if something is left.
    init(_ event: RunEvent, next: (RunSummary) -> String? = { _ in nil }) {
        switch event {
        case .started(let batches, let settings, let open):
            self.init(.runStarted, Self.start(batches, settings, open: open))
        case .answered(let report): self.init(.jobAnswered, report.members + report.bill)
        case .reused(let batch, let key, let answer):
            self.init(
                .jobReused,
                [
                    "batch": .string(batch), "job": .string(key), "model": .string("\(answer.model)"),
                    "how": .string(answer.way.rawValue), "saved_usd": .init(answer.saved?.dollars),
                ])
        case .failed(let report): self.init(.jobFailed, report.members + report.failureMembers + report.bill)
        case .unknown(let report): self.init(.jobUnknown, report.members)
        case .willRetry(let report, let wait, let model):
            self.init(
                .jobWillRetry,
                report.members + report.failureMembers + report.bill
                    + ["retry_in_ms": .int(wait.milliseconds), "next_model": .string("\(model)")])
        case .paused(let model, let time):
            self.init(.limiterPaused, ["model": .string("\(model)"), "for_ms": .int(time.milliseconds)])
        case .limitsHeard(let model, let limits):
            self.init(.limiterHeard, ["model": .string("\(model)")] + limits.members)
        case .limitsLearnt(let model, let count, let pace):
            self.init(
                .limiterLearnt,
                [
                    "model": .string("\(model)"), "concurrency": .int(count),
                    "requests_per_minute": .int(pace),
                ])
        case .breakerOpened(let provider, let time):
            self.init(
                .breakerOpened, ["provider": .string(provider.text), "for_ms": .int(time.milliseconds)])
        case .breakerClosed(let provider): self.init(.breakerClosed, ["provider": .string(provider.text)])
        case .leasesLost(let count): self.init(.leasesLost, ["count": .int(count)])
        case .rescued(let report): self.init(.jobsRescued, report.members)
        case .batchClosed(let batch, let reason):
            self.init(.batchClosed, ["batch": .string(batch), "reason": .string(reason)])
        case .stopping(let reason, let detail):
            self.init(.runStopping, ["reason": .string(reason.rawValue), "detail": .init(detail)])
        case .ended(let summary):
            self.init(
                .runEnded,
                (summary.json.objectValue ?? [:]) + summary.waitMembers + ["next": .init(next(summary))])
        }
    }

    private static func start(_ batches: [String], _ settings: RunSettings, open: Int) -> JSONObject {
        [
            "version": .string(Release.version), "pid": .int(ProcessInfo.processInfo.processIdentifier),
            "batches": .array(batches.map { .string($0) }), "open": .int(open),
            "concurrency": .int(settings.concurrency), "rpm": .int(settings.requestsPerMinute),
            "tpm": .int(settings.tokensPerMinute), "budget_usd": .init(settings.budget?.dollars),
            "unknown": .string(settings.unknownPolicy.rawValue), "watch": .bool(settings.watches),
            "limit_timeout_s": .int(settings.limitTimeout.map { $0.milliseconds / 1000 }),
            "reuse": settings.reuse.map { .bool($0) } ?? .null,
            "collapse": settings.collapse.map { .bool($0) } ?? .null,
        ]
    }

    /// So many events were left out, because nobody read them.
    static func dropped(_ count: Int) -> EventLine { EventLine(.eventsDropped, ["count": .int(count)]) }

    /// Where a run stands.
    init(_ progress: RunProgress) {
        let billed = BilledUsage(usage: progress.usage, cost: progress.cost, unpriced: progress.unpriced)
        self.init(
            .progress,
            [
                "elapsed_ms": .int(progress.elapsed.milliseconds), "done": .int(progress.done),
                "failed": .int(progress.failed), "unknown": .int(progress.unknown),
                "running": .int(progress.running), "waiting": .int(progress.waiting),
                "requests": .int(progress.requests), "retries": .int(progress.retries),
                "reused": .int(progress.reused.answers),
                "saved_usd": .init(ReusedUsage(progress.reused).knownSaving?.dollars),
                "requests_per_minute": .rate(progress.requestsPerMinute),
                "tokens_per_minute": .rate(progress.tokensPerMinute),
                "usage": progress.usage.json, "cost_usd": .init(billed.knownCost?.dollars),
                "unpriced": .int(progress.unpriced), "budget_usd": .init(progress.budget?.dollars),
                "spent_usd": .string(progress.spent.dollars),
                "left_s": progress.timeLeft.map {
                    [.rate($0.lowerBound.seconds), .rate($0.upperBound.seconds)]
                } ?? .null,
                "projected_usd": progress.projectedCost.map {
                    [.string($0.lowerBound.dollars), .string($0.upperBound.dollars)]
                } ?? .null,
                "waiting_for": progress.waitingFor?.json ?? .null,
                "stopping": .bool(progress.isStopping), "simulated": .bool(progress.isSimulated),
                "models": .array(progress.gauges.map(\.json)),
            ])
    }
}

extension JobReport {
    fileprivate var members: JSONObject {
        [
            "batch": .string(batch), "job": .string(key), "attempt": .int(attempt),
            "model": .init(model?.description), "latency_ms": .int(latency?.milliseconds),
            "first_token_ms": .int(firstToken?.milliseconds), "wait_ms": .int(waited.milliseconds),
        ]
    }

    fileprivate var failureMembers: JSONObject {
        ["kind": .init(failure?.rawValue), "status": .int(status)]
    }

    fileprivate var bill: JSONObject {
        ["usage": usage?.json ?? .null, "cost_usd": .init(cost?.dollars)]
    }
}

extension LimitGauge {
    fileprivate var json: JSON {
        var members: JSONObject = [
            "model": .string("\(model)"), "running": .int(running),
            "requests_per_minute": .rate(requests.used), "input_tokens_per_minute": .rate(inputTokens.used),
            "output_tokens_per_minute": .rate(outputTokens.used), "concurrency": .int(concurrencyMax),
            "paused_ms": .int(pausedFor?.milliseconds), "rests_ms": .int(restsFor?.milliseconds),
        ]
        members.merge(limits.members) { own, _ in own }
        return .object(members)
    }
}

extension RateLimits {
    fileprivate var members: JSONObject {
        [
            "requests_limit": .int(requests), "tokens_limit": .int(tokens),
            "input_tokens_limit": .int(inputTokens), "output_tokens_limit": .int(outputTokens),
        ]
    }
}

extension RunWait {
    fileprivate var json: JSON {
        [
            "cause": .string(cause.name), "provider": .init(cause.provider?.text),
            "left_ms": .int(left?.milliseconds),
        ]
    }
}

extension RescueReport {
    fileprivate var members: JSONObject {
        [
            "released": .int(released), "asked_again": .int(askedAgain), "held": .int(held),
            "workers_lost": .int(workersLost),
        ]
    }
}

extension RunSummary {
    /// Seconds by cause.
    fileprivate var waitMembers: JSONObject {
        let seconds = Dictionary(grouping: waits, by: \.cause.name)
            .mapValues { $0.reduce(0) { $0 + $1.duration.seconds } }
        return [
            "waits_s": .object(
                JSONObject(
                    uniqueKeysWithValues: seconds.sorted { $0.key < $1.key }.map { ($0.key, .rate($0.value)) }
                ))
        ]
    }
}

extension JSON {
    /// A number of which three decimals are enough.
    fileprivate static func rate(_ number: Double) -> JSON { .double((number * 1000).rounded() / 1000) }

    fileprivate static func int(_ number: (some BinaryInteger)?) -> JSON { number.map { .int($0) } ?? .null }
}

private func + (left: JSONObject, right: JSONObject) -> JSONObject {
    left.merging(right) { own, _ in own }
}
