/// Finds out how many requests a provider bears at once, where it tells no limit.
///
/// A plain value. It begins with ``start`` and grows with each answer while nothing is refused, which doubles it in the time
/// of one answer ("slow start"). What came in one window, that is for as many answers as were allowed at once, is judged
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

    public init() {}

    /// A request is sent, with which so many are in the air.
    public mutating func sent(inAir: Int) {
        if inAir >= limit { wasUsed = true }
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
