import ParleyCore

/// What the finished jobs of one batch cost, so that the rest can be guessed at.
///
/// The jobs to come are taken for ones drawn from the same hat: a file that is sorted by length fools it.
struct CostSample: Sendable, Hashable {
    /// Fewer jobs than this say nothing.
    static let jobsMin = 5

    private(set) var jobs = 0
    /// Dollars, failed requests that were billed included.
    private var sum = 0.0
    private var answers = 0.0
    private var squares = 0.0

    /// A job is finished; an unpriced answer is added as nothing, and ``Outlook`` then tells no cost.
    mutating func add(_ cost: Picodollars) {
        let dollars = Self.dollars(cost)
        jobs += 1
        sum += dollars
        answers += dollars
        squares += dollars * dollars
    }

    /// A request that failed and was billed; its job goes on.
    mutating func bill(_ cost: Picodollars) { sum += Self.dollars(cost) }

    static func + (left: CostSample, right: CostSample) -> CostSample {
        var both = left
        both.jobs += right.jobs
        both.sum += right.sum
        both.answers += right.answers
        both.squares += right.squares
        return both
    }

    /// Dollars that so many more jobs are expected to cost, and the variance of that figure.
    ///
    /// The mean is off by s/√n, which counts for every job to come; and each of those is off by s on its own.
    func expected(for open: Int) -> (dollars: Double, variance: Double)? {
        guard jobs >= Self.jobsMin else { return nil }
        let (n, more) = (Double(jobs), Double(open))
        let spread = (squares - answers * answers / n) / (n - 1)
        // Less than that is the rounding of the sums.
        guard spread > squares * 1e-12 else { return (sum / n * more, 0) }
        return (sum / n * more, spread * (more * more / n + more))
    }

    private static func dollars(_ cost: Picodollars) -> Double {
        Double(cost.value) / Double(Picodollars.perDollar)
    }
}
