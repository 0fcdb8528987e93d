import ParleyCore

/// How long the newest requests took, at most 256 of them.
struct LatencySample: Sendable, Hashable {
    static let countMax = 256

    private var latencies: [Duration] = []
    private var next = 0

    mutating func add(_ latency: Duration) {
        if latencies.count < Self.countMax {
            latencies.append(latency)
        } else {
            latencies[next] = latency
            next = (next + 1) % Self.countMax
        }
    }

    var count: Int { latencies.count }

    /// The latency that this part of the requests did not exceed; nil where there are none.
    func quantile(_ part: Double) -> Duration? {
        guard !latencies.isEmpty else { return nil }
        let index = Int(part * Double(latencies.count))
        return latencies.sorted()[min(max(0, index), latencies.count - 1)]
    }
}
