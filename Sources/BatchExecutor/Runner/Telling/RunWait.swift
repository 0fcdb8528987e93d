public import ParleyCore

/// What holds a run up.
public struct RunWait: Sendable, Hashable {
    public enum Cause: Sendable, Hashable {
        /// The pace of the limits; in words, such as "the rate limit".
        case limits(String)
        /// A provider has asked for a pause.
        case pause(ProviderName)
        /// A provider is left alone after failures.
        case rest(ProviderName)
        /// The next request fits into the budget only if one in the air turns out cheaper than feared.
        case budget
        /// The disk is full: nothing is asked, and answers are held.
        case disk
        /// All that is left failed before and is not due yet.
        case retry
        /// Another process holds all that is left.
        case otherProcess
        /// All that is left belongs to batches that are paused; the name of one of them.
        case batchPaused(String)
        /// Everything is done, and the run watches for more.
        case newJobs
    }

    public var cause: Cause
    /// How much longer, where that is known.
    public var left: Duration?

    public init(_ cause: Cause, left: Duration? = nil) {
        self.cause = cause
        self.left = left
    }
}

extension RunWait.Cause {
    /// One word for programs.
    public var name: String {
        switch self {
        case .limits: "limits"
        case .pause: "pause"
        case .rest: "rest"
        case .budget: "budget"
        case .disk: "disk"
        case .retry: "retry"
        case .otherProcess: "other_process"
        case .batchPaused: "batch_paused"
        case .newJobs: "new_jobs"
        }
    }

    /// The provider that is waited for, where it is one.
    public var provider: ProviderName? {
        switch self {
        case .pause(let provider), .rest(let provider): provider
        default: nil
        }
    }
}

/// What a run was held up by, in looks that are taken every so often.
///
/// A plain value. Waits come and go many times a second, so one is shown only when it was seen in most of the last looks,
/// and what it cost is the time between two looks, added up.
struct WaitLog: Sendable {
    private static let looksCount = 5
    private static let looksMin = 3
    /// A look that comes later than this was itself held up (the machine slept, say), and that was no wait.
    private static let gapMax = Duration.seconds(1)

    private var recent: [RunWait?] = []
    private var lookedAt: Timestamp?
    private(set) var total: [RunWait.Cause: Duration] = [:]

    mutating func look(_ wait: RunWait?, at now: Timestamp) {
        if let wait, let lookedAt {
            total[wait.cause, default: .zero] += min(max(.zero, now.since(lookedAt)), Self.gapMax)
        }
        lookedAt = now
        recent.append(wait)
        if recent.count > Self.looksCount { recent.removeFirst() }
    }

    /// What is worth telling: the newest wait, if most of the last looks saw one for the same cause.
    var lasting: RunWait? {
        guard let newest = recent.last(where: { $0 != nil }) ?? nil else { return nil }
        return recent.count { $0?.cause == newest.cause } >= Self.looksMin ? newest : nil
    }
}
