public import ParleyCore

/// Finds out how many requests a provider bears at once, where it tells no limit.
///
/// A plain value. It begins with ``start`` and grows with each answer while nothing is refused, which doubles it in the time
/// of one answer ("slow start"), and once a second where answers take longer: a refusal comes at once. What came in one window, that is for as many answers as were allowed at once, is judged
/// together: many refusals are of the same moment, and a step for each of them would let 128 collapse to single digits.
///
/// - A window with at least ``refusalsMin`` refusals that are at least ``shareMin`` of its answers lowers the limit once: by
///   the share that was refused, but no less than to nine tenths and no more than to a half. Slow start is over.
/// - A window without refusals, in which the limit was really used, raises it by one.
/// - Any other window changes nothing.
///
/// Answers to requests that were sent before the limit was lowered say nothing of the new one and are not counted.
public struct AdaptiveConcurrency: Sendable, Hashable {
    /// How many are sent at once before anything is known.
    public static let start = 8
    /// A window has at least so many answers.
    public static let windowMin = 8
    public static let refusalsMin = 2
    public static let shareMin = 0.1
    public static let limitMax = 1 << 16
    /// When for so long none of as many as are allowed was refused, twice as many are.
    public static let ripeAfter = Duration.seconds(1)

    /// The most requests in the air.
    public private(set) var limit = AdaptiveConcurrency.start
    /// Until something is refused for the first time.
    public private(set) var isInSlowStart = true
    /// Counts how often the limit was lowered. A request keeps the one that it was sent under.
    public private(set) var epoch = 0
    private var answers = 0
    private var refusals = 0
    /// As many answers end the window.
    private var window = AdaptiveConcurrency.start
    private var wasUsed = false
    /// Since when as many are in the air as are allowed.
    private var fullSince: Timestamp?

    public init() {}

    /// A request is sent, with which so many are in the air.
    public mutating func sent(inAir: Int, at now: Timestamp? = nil) {
        guard inAir >= limit else { return }
        wasUsed = true
        fullSince = fullSince ?? now
    }

    /// When more will be allowed for want of refusals, see ``ripen(at:)``; nil when that is not to be expected.
    public var ripensAt: Timestamp? {
        isInSlowStart && refusals == 0 ? fullSince.map { $0 + Self.ripeAfter } : nil
    }

    /// Allows twice as many if it is time.
    public mutating func ripen(at now: Timestamp) {
        guard let ripensAt, now >= ripensAt else { return }
        limit = min(limit * 2, Self.limitMax)
        fullSince = nil
    }

    /// A request that was sent in `epoch` has ended.
    ///
    /// - Parameter isRefused: it was turned away for coming too soon or with too many others.
    public mutating func ended(epoch: Int, isRefused: Bool) {
        guard epoch == self.epoch else { return }
        answers += 1
        if isRefused {
            refusals += 1
        } else if isInSlowStart, refusals == 0, wasUsed {
            limit = min(limit + 1, Self.limitMax)
            fullSince = nil
        }
        if answers >= window { judge() }
    }

    private mutating func judge() {
        let share = Double(refusals) / Double(answers)
        if refusals >= Self.refusalsMin, share >= Self.shareMin {
            limit = max(1, Int(Double(limit) * min(0.9, max(0.5, 1 - share))))
            isInSlowStart = false
            epoch += 1
        } else if refusals == 0, wasUsed, !isInSlowStart {
            limit = min(limit + 1, Self.limitMax)
        }
        answers = 0
        refusals = 0
        wasUsed = false
        window = max(Self.windowMin, limit)
    }
}
