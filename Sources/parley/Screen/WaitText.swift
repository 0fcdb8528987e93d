import BatchExecutor
import ParleyCore
import UsageReport

extension RunWait {
    /// What the panel says while it lasts.
    var words: String {
        let time = left.map { " \(Figures.duration($0 + .milliseconds(499)))" } ?? ""
        return switch cause {
        case .limits(let words): "waits for \(words)"
        case .pause(let provider): "waits\(time): \(provider) asked for a pause"
        case .rest(let provider): "waits\(time): \(provider) rests after failures"
        case .budget: "waits for room in the budget"
        case .disk: "waits for room on the disk, which is full"
        case .retry: "waits\(time) for the next retry"
        case .otherProcess: "waits for another process, which holds the rest"
        case .batchPaused(let batch): "waits for \(batch), which is paused"
        case .newJobs: "watches for new jobs"
        }
    }

    /// The same where there is little room.
    var shortWords: String {
        let time = left.map { " \(Figures.duration($0 + .milliseconds(499)))" } ?? ""
        return switch cause {
        case .limits: "waits: limit"
        case .pause: "waits\(time): pause"
        case .rest: "waits\(time): failures"
        case .budget: "waits: budget"
        case .disk: "waits: disk full"
        case .retry: "waits\(time): retry"
        case .otherProcess: "waits: other process"
        case .batchPaused: "waits: paused"
        case .newJobs: "watches"
        }
    }
}

extension RunSummary.Wait {
    /// What the summary says afterwards: `3 min 20 s for the rate limit`.
    var words: String {
        let what =
            switch cause {
            case .limits(let words): words
            case .pause(let provider): "a pause that \(provider) asked for"
            case .rest(let provider): "\(provider), which rested after failures"
            case .budget: "room in the budget"
            case .disk: "room on the disk"
            case .retry: "retries"
            case .otherProcess: "another process"
            case .batchPaused(let batch): "\(batch), which was paused"
            case .newJobs: "new jobs"
            }
        return "\(Figures.duration(duration)) for \(what)"
    }
}
