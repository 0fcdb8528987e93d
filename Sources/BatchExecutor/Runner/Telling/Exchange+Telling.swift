import ConversationStore
import ParleyCore
import ProviderStack

extension Exchange {
    /// Tells what came of the request, if anybody listens.
    func tell(_ settlement: Settlement) {
        run.tell(event(of: settlement))
    }

    private func event(of settlement: Settlement) -> RunEvent {
        var report = JobReport(
            batch: plan.batch.name, key: job.key, attempt: job.attempts + 1, model: request.model)
        report.latency = settlement.latency
        report.firstToken = settlement.firstToken
        report.waited = waited
        switch settlement.outcome {
        case .answered(let completion, let cost, _):
            report.usage = completion.usage
            report.cost = cost
            return .answered(report)
        case .interrupted:
            return .unknown(report)
        case .failed(let failure, let record, let next):
            report.usage = failure.usage
            report.cost = record.cost
            report.failure = failure.kind
            report.status = failure.status
            guard let (due, candidate) = step(next) else { return .failed(report) }
            return .willRetry(
                report, after: max(.zero, due.since(settlement.at)), next: chain.candidates[candidate])
        }
    }

    /// When and whom the job asks again; nil when it does not.
    private func step(_ next: Settlement.NextStep) -> (due: Timestamp, candidate: Int)? {
        switch next {
        case .retry(let due, let next): (due, next)
        case .release(let due): (due, candidate)
        case .fail: nil
        }
    }
}
