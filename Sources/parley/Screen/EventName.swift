import Logging

/// The events of `--log json`, by the names that stand in docs/events.md; a test compares the two.
enum EventName: String, CaseIterable, Sendable {
    case runStarted = "run.started"
    case progress
    case runStopping = "run.stopping"
    case runEnded = "run.ended"
    case jobAnswered = "job.answered"
    case jobReused = "job.reused"
    case jobWillRetry = "job.will_retry"
    case jobFailed = "job.failed"
    case jobUnknown = "job.unknown"
    case jobsRescued = "jobs.rescued"
    case leasesLost = "leases.lost"
    case batchClosed = "batch.closed"
    case limiterPaused = "limiter.paused"
    case limiterHeard = "limiter.heard"
    case limiterLearnt = "limiter.learnt"
    case breakerOpened = "breaker.opened"
    case breakerClosed = "breaker.closed"
    case eventsDropped = "events.dropped"
    case chatWait = "chat.wait"
    case chatFallback = "chat.fallback"
    case chatNotice = "chat.notice"
    case chatTool = "chat.tool"
    case chatAnswered = "chat.answered"
    /// A sentence that the text form would say as well.
    case message
    /// Why the program ends with a status that is not 0.
    case error
    /// Something that a library or the runner logs.
    case log

    /// How much it matters; `--quiet` keeps warnings and errors. A log line brings its own.
    var level: Logger.Level {
        switch self {
        case .jobFailed, .jobUnknown, .leasesLost, .batchClosed, .breakerOpened, .eventsDropped,
            .chatFallback, .chatNotice:
            .warning
        case .error: .error
        default: .info
        }
    }
}
