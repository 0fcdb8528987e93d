import ParleyCore

/// How many jobs were finished in each stretch of time, and how long the rest may therefore take.
///
/// A plain value of at most 64 counts. The stretches are one second long at first; when they are all used, each two
/// become one, up to half a minute; from then on the oldest is forgotten. So it speaks of the last half-hour or so, and
/// most of all of the last few minutes: a stretch counts half as much as one 16 stretches later.
///
/// The range is a prediction interval: with the weighted mean m and variance s² of the counts, n stretches that speak and
/// r that are still to come, the rate of the rest is m ± t·s·√(1/n + 1/r), which four runs in five keep to if they go
/// on as they went. Two things are put right first. Answers that were asked together come together, so stretches are
/// taken together until each is as long as a request is in the air. And a slow stretch is often followed by another one (a
/// pause, a limit), so n and r are cut by the correlation of neighbours. Retries need no care of their own: what is
/// counted is jobs that are over, not requests.
///
/// Tried on made-up runs: of those whose jobs end by chance, or by 8 to 32 workers with answers of unequal length, the true time
/// lay in the range in 78 to 97 of a hundred. A pace that wanders off slowly is beyond it, as is the first pause of a run.
struct Throughput: Sendable, Hashable {
    static let stretchesMax = 64
    /// Seconds.
    static let widthMax: Int64 = 32
    /// After so many stretches one counts half.
    private static let halfLife = 16.0
    /// Fewer jobs, or fewer windows, say nothing.
    static let jobsMin = 10
    static let windowsMin = 3
    /// The 90 % point of the normal distribution: 80 % lie between it and its mirror image.
    static let normalPoint = 1.2816
    /// A half has at least so many windows, and differs by this many standard errors.
    private static let halfMin = 4
    private static let shiftErrors = 4.0
    /// A range in which the longer time is more than this many times the expected one says nothing.
    private static let stretchMax = 4.0

    private(set) var counts: [Int] = []
    /// Seconds.
    private(set) var width: Int64 = 1
    /// When the first count began: with the first job that was over, since the time before it says only how long one takes.
    private var start: Timestamp?

    /// A job is over, answered or failed.
    mutating func add(at now: Timestamp) {
        if start == nil { start = now }
        advance(to: now)
        counts[counts.count - 1] += 1
    }

    /// Goes on to a moment; a clock that is set back changes nothing.
    mutating func advance(to now: Timestamp) {
        guard let start else { return }
        var index = position(of: now, from: start)
        while index >= Int64(Self.stretchesMax), width < Self.widthMax {
            halve()
            index = position(of: now, from: start)
        }
        if index >= Int64(Self.stretchesMax) {
            let forgotten = index - Int64(Self.stretchesMax) + 1
            counts.removeFirst(Int(min(forgotten, Int64(counts.count))))
            self.start = start + .seconds(forgotten * width)
            index -= forgotten
        }
        while Int64(counts.count) <= index { counts.append(0) }
    }

    private func position(of now: Timestamp, from start: Timestamp) -> Int64 {
        max(0, now.since(start).milliseconds) / (1000 * width)
    }

    private mutating func halve() {
        counts = stride(from: 0, to: counts.count, by: 2).map { index in
            counts[index] + (index + 1 < counts.count ? counts[index + 1] : 0)
        }
        width *= 2
    }

    /// How long it may take until so many more jobs are over; nil while there is too little to go by.
    func timeLeft(for open: Int, running: Int) -> ClosedRange<Duration>? {
        // The newest stretch is not over.
        let whole = counts.dropLast()
        let sum = whole.reduce(0, +)
        guard open > 0, sum >= Self.jobsMin else { return nil }
        // As long as a request is in the air, by Little's law.
        let inAir = Double(running) * Double(whole.count) / Double(sum)
        let together = max(1, Int(inAir.rounded(.up)))
        let windows = Self.ofToday(Self.windows(of: whole, together: together))
        guard windows.count >= Self.windowsMin else { return nil }
        let spread = Spread(windows, halfLife: max(Self.halfLife / Double(together), 4))
        guard let rate = spread.rate(ofNext: Double(open)), rate.low * Self.stretchMax >= rate.mean else {
            return nil
        }
        let seconds = Double(width) * Double(together)
        return .seconds(seconds * Double(open) / rate.high)
            ... .seconds(seconds * Double(open) / rate.low)
    }

    /// The newer half alone while it is clearly another pace than the older one: since a limit came, say.
    private static func ofToday(_ windows: [Double]) -> ArraySlice<Double> {
        var rest = windows[...]
        while rest.count >= 2 * halfMin {
            let (older, newer) = (rest.prefix(rest.count / 2), rest.dropFirst(rest.count / 2))
            let (before, after) = (moments(of: older), moments(of: newer))
            let error =
                (before.variance / Double(older.count) + after.variance / Double(newer.count)).squareRoot()
            guard (after.mean - before.mean).magnitude > shiftErrors * error else { break }
            rest = newer
        }
        return rest
    }

    private static func moments(of counts: ArraySlice<Double>) -> (mean: Double, variance: Double) {
        let mean = counts.reduce(0, +) / Double(counts.count)
        let squares = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, max(squares / Double(counts.count - 1), Spread.varianceMin))
    }

    /// The oldest stretches that do not fill a window are left out.
    private static func windows(of counts: ArraySlice<Int>, together: Int) -> [Double] {
        var windows: [Double] = []
        var end = counts.endIndex
        while end - together >= counts.startIndex {
            windows.append(Double(counts[(end - together)..<end].reduce(0, +)))
            end -= together
        }
        return windows.reversed()
    }
}

/// The weighted mean of some counts, and how far it is to be trusted.
private struct Spread {
    private var mean: Double
    private var variance: Double
    /// How many equally weighted counts would say as much.
    private var count: Double
    /// Between neighbours; what goes up and down by turns is taken for chance.
    private var correlation: Double

    /// A count tells no rate more exactly than by a job.
    static let varianceMin = 1.0 / 12
    private static let correlationMax = 0.9

    init(_ windows: ArraySlice<Double>, halfLife: Double) {
        var (weights, squaredWeights, sum, weight) = (0.0, 0.0, 0.0, 1.0)
        let factor = Self.halved(by: 1 / halfLife)
        var weighted: [(weight: Double, count: Double)] = []
        for window in windows.reversed() {
            weighted.append((weight, window))
            weights += weight
            squaredWeights += weight * weight
            sum += weight * window
            weight *= factor
        }
        let mean = sum / weights
        var (squares, products) = (0.0, 0.0)
        for (index, entry) in weighted.enumerated() {
            squares += entry.weight * (entry.count - mean) * (entry.count - mean)
            guard index + 1 < weighted.count else { continue }
            products += entry.weight * (entry.count - mean) * (weighted[index + 1].count - mean)
        }
        self.mean = mean
        count = weights * weights / squaredWeights
        variance = max(squares / weights * count / max(count - 1, 0.5), Self.varianceMin)
        let isUneven = squares / weights > Self.varianceMin
        correlation = isUneven ? min(max(products / squares, 0), Self.correlationMax) : 0
    }

    /// The mean rate of the windows that the next jobs will take, from low to high.
    func rate(ofNext open: Double) -> (low: Double, mean: Double, high: Double)? {
        guard mean > 0 else { return nil }
        let loss = (1 + correlation) / (1 - correlation)
        let speaking = max(count / loss, 2)
        let coming = max(open / mean, 1)
        // Student's quantile, near enough: few windows are trusted less.
        let point = Throughput.normalPoint * (1 + 0.66 / (speaking - 1))
        let error = point * (variance * (1 / speaking + loss / coming)).squareRoot()
        return (mean - error, mean, mean + error)
    }

    /// 0.5 to that power.
    private static func halved(by power: Double) -> Double {
        // The half-life is at least 4, so the series is short and exact to a millionth.
        let x = -power * 0.693_147_180_56
        return 1 + x + x * x / 2 + x * x * x / 6 + x * x * x * x / 24
    }
}
