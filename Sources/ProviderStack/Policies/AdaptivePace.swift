public import ParleyCore

/// Finds out how many requests a minute a provider bears, where it tells no limit.
///
/// A plain value. Nothing is paced until something is refused. The first refusal halves the pace at which was just sent, and
/// so does each further one until a window goes well; then the pace is searched between what went well (``LearntPace/provenPerMinute``)
/// and what was too much (``LearntPace/refusedPerMinute``), to within ``closeness``. It stays there for ``hold`` and then is tried
/// upwards, by a hundredth first and twice as much with each window that goes well: so a limit that was raised is found soon,
/// and one that was not costs a refusal or two in some hundred requests.
///
/// Refusals of requests that got their place before the pace was lowered, here or by another process, say nothing of the new one
/// and are not counted. So the requests in the air, which are all refused together, lower it once. Nor does a refusal lower a pace
/// before something has been taken under it: a provider that takes nothing at all is not asked too fast, and
/// waiting is the business of its `Retry-After` and of the retries.
public struct AdaptivePace: Sendable, Hashable {
    /// Slower than this it never gets, in requests per minute: a limit below is told by `Retry-After`, or waited for by the
    /// requests themselves.
    public static let perMinuteMin = 6.0
    /// The search ends when what goes well is that near to what does not.
    public static let closeness = 0.02
    /// How long a pace that was found is kept before more is tried.
    public static let hold = Duration.seconds(10)
    /// And for so many requests, since each trial may cost one or two, but not for longer than ``holdMax``.
    static let holdRequests = 200.0
    static let holdMax = Duration.seconds(100)
    /// A proven pace that is refused all the same is lowered by this share, by twice as much the next time, up to a half.
    public static let stepDown = 0.03
    public static let stepDownMax = 0.5
    public static let stepUp = 0.01
    static let windowMin = Duration.seconds(1)
    /// A window is long enough for so many requests.
    static let windowRequests = 4.0
    /// What is sent is measured over at least this time: the first requests leave together, which is no pace.
    static let measureMin = Duration.milliseconds(100)

    /// Counts how often the pace was lowered. A request keeps the one under which it got its place.
    public private(set) var epoch = 0
    private var windowBeganAt: Timestamp?
    private var sent = 0
    /// Something was taken since the pace was lowered, or ever.
    private var wasTaken = false
    /// Somebody had to wait for the pace: it is what holds the requests up.
    private var wasUsed = false
    private var up = 0.0
    /// Nil until something went well or was refused.
    private var down: Double?

    public init() {}

    /// A request is sent; `hasWaited` when the pace made it wait.
    public mutating func sent(at now: Timestamp, hasWaited: Bool, learnt: LearntPace?) {
        // While nothing is paced, windows only serve to measure.
        let isOver = windowBeganAt.map { learnt == nil && now.since($0) >= Self.windowMin } ?? true
        if isOver { begin(at: now) }
        sent += 1
        if hasWaited { wasUsed = true }
    }

    /// A request was answered, whatever its epoch. Gives what is known now.
    public mutating func answered(sentAt: Timestamp, at now: Timestamp, learnt: LearntPace?) -> LearntPace? {
        wasTaken = true
        // The answers to all that was sent in the window are there, more or less, when one is that was sent after it.
        guard let learnt, wasUsed, sentAt.since(learnt.changedAt) >= Self.window(of: learnt) else {
            return learnt
        }
        return raised(learnt, at: now)
    }

    /// Another process has found out something else.
    public mutating func heard(of learnt: LearntPace, insteadOf known: LearntPace?, at now: Timestamp) {
        guard learnt.loweredAt != known?.loweredAt else { return }
        epoch += 1
        up = 0
        begin(at: now)
    }

    /// A request that got its place in `epoch` was turned away for coming too soon. Gives what is known now.
    ///
    /// - Parameter isAlone: no other was in the air. Where nothing was ever taken, that says nothing of a pace.
    public mutating func refused(
        epoch: Int, isAlone: Bool = true, at now: Timestamp, learnt: LearntPace?
    ) -> LearntPace? {
        guard epoch == self.epoch else { return learnt }
        guard let learnt else {
            guard wasTaken || !isAlone else { return nil }
            let time = max(windowBeganAt.map { now.since($0) } ?? .zero, Self.measureMin)
            let measured = Double(max(sent, 1)) * 60 / time.seconds
            return lowered(
                LearntPace(perMinute: measured, loweredAt: now, changedAt: now), to: measured / 2, at: now)
        }
        guard wasTaken else { return learnt }
        var pace = learnt
        if let proven = learnt.provenPerMinute, proven < learnt.perMinute {
            return lowered(pace, to: proven, at: now)
        }
        let step = down ?? (learnt.provenPerMinute == nil ? Self.stepDownMax : Self.stepDown)
        down = min(step * 2, Self.stepDownMax)
        pace.provenPerMinute = nil
        return lowered(pace, to: learnt.perMinute * (1 - step), at: now)
    }

    private mutating func lowered(_ learnt: LearntPace, to perMinute: Double, at now: Timestamp) -> LearntPace
    {
        var pace = learnt
        pace.refusedPerMinute = learnt.perMinute
        pace.perMinute = max(perMinute, Self.perMinuteMin)
        pace.loweredAt = now
        pace.changedAt = now
        epoch += 1
        up = 0
        wasTaken = false
        begin(at: now)
        return pace
    }

    /// A window went well.
    private mutating func raised(_ learnt: LearntPace, at now: Timestamp) -> LearntPace {
        var pace = learnt
        pace.provenPerMinute = learnt.perMinute
        down = Self.stepDown
        if let refused = learnt.refusedPerMinute, up == 0, refused * (1 - Self.closeness) > learnt.perMinute {
            pace.perMinute += (refused - learnt.perMinute) / 2
        } else if now.since(learnt.loweredAt)
            >= min(Self.time(for: Self.holdRequests, Self.hold, at: learnt), Self.holdMax)
        {
            up = up == 0 ? Self.stepUp : min(up * 2, 1)
            pace.perMinute *= 1 + up
        } else {
            return pace
        }
        pace.changedAt = now
        begin(at: now)
        return pace
    }

    private static func window(of learnt: LearntPace) -> Duration {
        time(for: windowRequests, windowMin, at: learnt)
    }

    /// How long so many requests take, but at least `least`.
    private static func time(for requests: Double, _ least: Duration, at learnt: LearntPace) -> Duration {
        max(least, .milliseconds(Int64(requests * 60_000 / learnt.perMinute)))
    }

    private mutating func begin(at now: Timestamp) {
        windowBeganAt = now
        sent = 0
        wasUsed = false
    }
}
