/// A count that is read from a database while it changes, shown such that it does not tremble.
///
/// All jobs of a run are those that are open in the database and those that it has finished. The two are not read at the
/// same moment, so the sum is off by a few while many jobs end. A reading that differs is therefore taken twice more, and
/// believed when all three lie on one side.
struct SteadyCount: Sendable {
    private static let readingsMax = 3

    private(set) var value: Int?
    private var doubts: [Int] = []

    /// Whether another reading is wanted soon.
    var isInDoubt: Bool { !doubts.isEmpty }

    mutating func read(_ reading: Int) {
        guard let value else {
            self.value = reading
            return
        }
        if reading == value {
            doubts = []
            return
        }
        doubts.append(reading)
        guard doubts.count == Self.readingsMax else { return }
        if doubts.allSatisfy({ $0 < value }) || doubts.allSatisfy({ $0 > value }) {
            self.value = doubts.sorted()[Self.readingsMax / 2]
        }
        doubts = []
    }
}
