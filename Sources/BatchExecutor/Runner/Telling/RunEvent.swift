public import ConversationStore
public import ParleyCore

/// Something that happened in a run: what a log tells, one line each.
///
/// None of it holds a prompt, an answer, a key or a provider's words. See docs/events.md for the form that the program
/// gives it.
public enum RunEvent: Sendable, Hashable {
    /// - `open`: the jobs that are to be answered.
    case started(batches: [String], settings: RunSettings, open: Int)
    case answered(JobReport)
    /// Answered with a copy of another request's answer; nothing was sent.
    case reused(batch: String, key: String, ReusedAnswer)
    case failed(JobReport)
    /// Stopped while its request was in the air.
    case unknown(JobReport)
    /// The request failed, and the job will be asked again: after a while, of that model.
    case willRetry(JobReport, after: Duration, next: ModelName)
    /// A provider has asked for a pause.
    case paused(ModelName, for: Duration)
    /// What the provider says of its limits, or another process has heard of them.
    case limitsHeard(ModelName, RateLimits)
    /// What was found out of a provider that tells no limit: how many requests it bears at once, nil = as many as the run
    /// has; and how many a minute, nil = any.
    case limitsLearnt(ModelName, concurrency: Int?, requestsPerMinute: Int?)
    case breakerOpened(ProviderName, for: Duration)
    case breakerClosed(ProviderName)
    /// So many jobs were taken over by another worker because we were silent for too long.
    case leasesLost(Int)
    /// Jobs of workers that are gone were taken back.
    case rescued(RescueReport)
    /// Nobody can answer the batch in this run.
    case batchClosed(String, reason: String)
    /// The run begins to end before all is done.
    case stopping(RunSummary.StopReason, detail: String?)
    case ended(RunSummary)
}

/// One request of a job and what came of it.
public struct JobReport: Sendable, Hashable {
    public var batch: String
    /// The row's own id.
    public var key: String
    /// Which request of the job it was, counted from 1; 0 for a job that its batch's deadline has ended.
    public var attempt: Int
    /// Nil for a row of which no request can be made.
    public var model: ModelName?
    public var latency: Duration?
    /// Where the answer was streamed.
    public var firstToken: Duration?
    /// How long it was held up by limits and the budget before it was sent.
    public var waited: Duration = .zero
    /// What the provider counted; a request that failed may be billed as well.
    public var usage: Usage?
    /// Nil = unpriced, or nothing was used.
    public var cost: Picodollars?
    public var failure: Failure.Kind?
    /// The HTTP status of a failure, where there was an answer.
    public var status: Int?

    public init(batch: String, key: String, attempt: Int, model: ModelName? = nil) {
        self.batch = batch
        self.key = key
        self.attempt = attempt
        self.model = model
    }
}
