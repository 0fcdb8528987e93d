import ParleyCore

/// What the work so far says of the rest: how long it may take and what it may come to, each as a range that four runs in
/// five or more keep to if the rest is like what was done.
///
/// The time has two parts: until the last job is sent, by the pace; and until the last answer is there, which is the slowest of
/// those in the air then. A plain value; see ``Throughput`` and ``CostSample`` for the arithmetic. What it does not know: that another batch is
/// slower (all batches count as one for the time), that a file is sorted, that a provider will change its mind. A
/// batch of which too little is finished counts as the others do on average.
struct Outlook: Sendable {
    var throughput = Throughput()
    var latencies = LatencySample()
    var costs: [BatchID: CostSample] = [:]
    /// Answers whose cost nobody knows.
    var unpriced = 0

    /// Nil while there is too little to go by.
    ///
    /// - Parameter sinceSent: how long ago the newest request was sent.
    func timeLeft(waiting: Int, running: Int, sinceSent: Duration) -> ClosedRange<Duration>? {
        guard latencies.count >= Throughput.jobsMin, let usual = latencies.quantile(0.5),
            let longest = latencies.quantile(1)
        else { return nil }
        guard waiting > 0 else {
            return running > 0 && longest > sinceSent ? .zero...(longest - sinceSent) : nil
        }
        guard let paced = throughput.timeLeft(for: waiting, running: running) else { return nil }
        // Of n requests the slowest stays below this one in nine cases of ten: 0.9^(1/n).
        let slowest = latencies.quantile(1 - 0.105 / Double(max(1, running))) ?? longest
        return (paced.lowerBound + usual)...(paced.upperBound + max(usual, slowest))
    }

    /// What the run will have cost at its end; nil where that cannot be said, as where an answer had no price.
    ///
    /// - Parameters:
    ///   - open: the jobs that are not over, in all.
    ///   - openByBatch: the same for each batch, where that is known.
    func cost(
        after spent: Picodollars, open: Int, openByBatch: [BatchID: Int]
    ) -> ClosedRange<Picodollars>? {
        guard unpriced == 0, let rest = rest(open: open, openByBatch: openByBatch) else { return nil }
        let error = Throughput.normalPoint * rest.variance.squareRoot()
        let range = [rest.dollars - error, rest.dollars + error].map {
            max(0, $0) * Double(Picodollars.perDollar)
        }
        guard range[1] < Double(Int64.max / 2) else { return nil }
        return spent + Picodollars(Int64(range[0].rounded()))...spent + Picodollars(Int64(range[1].rounded()))
    }

    private func rest(open: Int, openByBatch: [BatchID: Int]) -> (dollars: Double, variance: Double)? {
        let all = costs.values.reduce(CostSample(), +)
        guard openByBatch.count > 1, openByBatch.values.reduce(0, +) > 0 else {
            return all.expected(for: open)
        }
        // The counts of the batches are a little older than the sum: they say how it is shared out.
        let share = Double(open) / Double(openByBatch.values.reduce(0, +))
        var rest = (dollars: 0.0, variance: 0.0)
        for (batch, count) in openByBatch {
            let jobs = Int((Double(count) * share).rounded())
            guard let part = costs[batch]?.expected(for: jobs) ?? all.expected(for: jobs) else { return nil }
            rest.dollars += part.dollars
            rest.variance += part.variance
        }
        return rest
    }
}
