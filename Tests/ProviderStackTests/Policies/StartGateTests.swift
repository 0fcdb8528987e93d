import ParleyCore
import Testing

@Suite struct StartGateTests {
    /// When requests start that come at these milliseconds, with 20 ms between two.
    private func starts(_ arrivals: [Int64], distance: Double = 20e6) -> [Int64] {
        var gate = StartGate()
        var waiting = arrivals.map { (at: $0 + 1_000_000, came: $0) }
        var starts: [Int64] = []
        while let next = waiting.indices.min(by: { waiting[$0] < waiting[$1] }) {
            let wait = gate.wait(distance: distance, at: Timestamp(milliseconds: waiting[next].at))
            if wait == .zero {
                starts.append(waiting.remove(at: next).at - 1_000_000)
            } else {
                waiting[next].at += wait.milliseconds
            }
        }
        return starts
    }

    @Test func `Who comes in time waits for nothing`() {
        #expect(starts([0, 20, 40, 61, 81]) == [0, 20, 40, 61, 81])
    }

    @Test func `A little too soon is soon enough`() {
        #expect(starts([0, 12, 38, 52]) == [0, 12, 38, 52])
    }

    @Test func `Those who were held up together start one after the other`() {
        #expect(starts([0, 100, 100, 100, 100]) == [0, 100, 110, 130, 150])
    }

    @Test func `A server that lets one request in a row come too soon is content after any stall`() {
        var random = FixedRandom(state: 7)
        let arrivals = (0..<500).map {
            Int64($0) * 20 + (Int.random(in: 0..<20, using: &random) == 0 ? 150 : 0)
        }
        var excess = 0
        let starts = starts(arrivals)
        for (earlier, later) in zip(starts, starts.dropFirst()) {
            excess = max(0, excess - 50 * Int(later - earlier) + 1000)
            #expect(excess <= 1000)
        }
    }

    @Test func `Where many start in a few milliseconds the timers' inexactness is allowed for`() {
        #expect(starts([0, 0, 0, 0, 0, 0], distance: 1e6).allSatisfy { $0 <= 1 })
    }

    @Test func `A clock that is set back holds nobody up for long`() {
        var gate = StartGate()
        _ = gate.wait(distance: 20e6, at: .seconds(1000))
        #expect(gate.wait(distance: 20e6, at: .seconds(10)) <= .milliseconds(40))
    }
}
