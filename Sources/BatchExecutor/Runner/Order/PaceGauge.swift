import ParleyCore

/// About how far the requests of a lane lie apart: the mean of the last few distances, the newer ones counting more.
struct PaceGauge: Sendable {
    /// How much of the mean the newest distance makes up.
    private static let newShare = 0.2

    private(set) var mean: Duration?
    private var last: Timestamp?

    mutating func note(at now: Timestamp) {
        defer { last = now }
        guard let last else { return }
        let distance = max(.zero, now.since(last))
        mean = mean.map { $0 * (1 - Self.newShare) + distance * Self.newShare } ?? distance
    }
}
