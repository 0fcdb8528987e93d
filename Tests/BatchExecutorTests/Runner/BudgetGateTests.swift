import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct BudgetGateTests {
    @Test func `Without a limit everything is granted`() {
        var gate = BudgetGate(limit: nil)
        #expect(gate.reserve(Picodollars(Int64.max)) == .granted)
        gate.settle(Picodollars(Int64.max), cost: Picodollars(7))
        #expect(gate.spent == Picodollars(7))
    }

    @Test func `What is in the air counts against the limit`() {
        var gate = BudgetGate(limit: Picodollars(100))
        #expect(gate.reserve(Picodollars(60)) == .granted)
        #expect(gate.reserve(Picodollars(60)) == .wait)
        gate.settle(Picodollars(60), cost: Picodollars(10))
        #expect(gate.reserve(Picodollars(60)) == .granted)
    }

    @Test func `A request that fits exactly is granted`() {
        var gate = BudgetGate(limit: Picodollars(100), spent: Picodollars(40))
        #expect(gate.reserve(Picodollars(60)) == .granted)
    }

    @Test func `With nothing in the air there is nothing to wait for`() {
        var gate = BudgetGate(limit: Picodollars(100), spent: Picodollars(50))
        #expect(gate.reserve(Picodollars(51)) == .refused)
    }

    @Test func `What could never fit is refused even while others are in the air`() {
        var gate = BudgetGate(limit: Picodollars(100), spent: Picodollars(50))
        #expect(gate.reserve(Picodollars(10)) == .granted)
        #expect(gate.reserve(Picodollars(51)) == .refused)
    }

    @Test func `Whatever the answers cost within their worst case, the limit holds`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<200 {
            var gate = BudgetGate(limit: Picodollars(10_000))
            var inAir: [Picodollars] = []
            for _ in 0..<300 {
                let worst = Picodollars(Int64.random(in: 1...400, using: &random))
                if gate.reserve(worst) == .granted { inAir.append(worst) }
                if let landed = inAir.popLast(), Bool.random(using: &random) {
                    gate.settle(landed, cost: Picodollars(Int64.random(in: 0...landed.value, using: &random)))
                } else if let landed = inAir.first, inAir.count > 8 {
                    inAir.removeFirst()
                    gate.settle(landed, cost: landed)
                }
                #expect(gate.spent <= Picodollars(10_000))
            }
        }
    }
}
