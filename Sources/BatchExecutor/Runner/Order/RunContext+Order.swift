import ConversationStore
import ParleyCore
import ProviderStack

extension RunContext {
    /// A leased job with all that decides when it goes.
    func laneWork(for job: LeasedJob) -> LaneWork {
        let plan = plans[job.batch]
        let model = plan?.firstModel(of: job)
        var work = LaneWork(job: job, lane: JobFeed.Lane(batch: job.batch, model: model))
        work.beginnings = plan?.beginnings(of: job) ?? []
        guard settings.order == .cache, let plan, let model else { return work }
        work.rules = providers.promptCacheRules(for: model)
        let limits = [settings.requestsPerMinute, plan.settings.limits.requestsPerMinute].compactMap { $0 }
        work.pace = limits.min().map { .seconds(60) / max(1, $0) }
        return work
    }
}

extension RunSettings {
    /// Where among the beginnings of a batch a process begins: somewhere else than the others.
    var cursorStart: Int64 { Int64.random(in: 0...Int64.max) }
}
