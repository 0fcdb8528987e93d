import ConversationStore
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct BudgetGateTests {
    private func standing(
        spent: Int64 = 0, held: Int64 = 0, inAir: Int64 = 0, number: UInt64 = 1
    ) -> BudgetStanding {
        BudgetStanding(
            spent: Picodollars(spent), held: Picodollars(held), inAir: Picodollars(inAir), number: number)
    }

    /// The verdict on what can cost 60 under a limit of 100.
    private func verdict(_ standing: BudgetStanding) -> BudgetStanding.Verdict {
        standing.verdict(on: Picodollars(60), limit: Picodollars(100))
    }

    @Test func `A request that fits exactly is granted`() {
        #expect(verdict(standing(spent: 30, inAir: 10)) == .granted)
    }

    @Test func `A request waits while what is under way might turn out cheaper`() {
        #expect(verdict(standing(spent: 30, inAir: 11)) == .wait)
    }

    @Test func `A request that would not fit if all under way were free is refused`() {
        #expect(verdict(standing(spent: 41, inAir: 50)) == .refused)
    }

    @Test func `What may yet be charged is not waited for`() {
        #expect(verdict(standing(spent: 30, held: 11)) == .refused)
    }

    @Test func `What costs nothing is granted even beyond the limit`() {
        #expect(standing(spent: 101).verdict(on: .zero, limit: Picodollars(100)) == .granted)
    }

    @Test func `Who has passed counts until the database knows of it`() {
        var gate = BudgetGate(limit: Picodollars(100))
        #expect(gate.pass(Picodollars(60)) == .granted)
        #expect(gate.pass(Picodollars(60)) == .wait)
        gate.withdraw(Picodollars(60))
        #expect(gate.pass(Picodollars(60)) == .granted)
    }

    @Test func `A word that comes late does not undo a later one`() {
        var gate = BudgetGate(limit: Picodollars(100))
        gate.learn(standing(spent: 70, number: 5))
        gate.learn(standing(spent: 10, number: 4))
        #expect(gate.pass(Picodollars(60)) == .refused)
    }
}

@Suite(.timeLimit(.minutes(1))) struct BudgetWallTests {
    private func wall(_ limit: Int64, inAir: Int64 = 0) -> BudgetWall {
        BudgetWall(
            Budget(limit: Picodollars(limit)), standing: BudgetStanding(inAir: Picodollars(inAir), number: 1))
    }

    @Test func `Without a budget everybody passes`() async {
        let wall = BudgetWall(nil)
        #expect(await wall.enter(Picodollars(.max)) == .granted)
        wall.leave(Picodollars(.max))
        #expect(await wall.enter(Picodollars(.max)) == .granted)
    }

    @Test func `A settlement lets the first of those who wait pass, and then the next`() async {
        let wall = wall(100, inAir: 100)
        async let first = wall.enter(Picodollars(60))
        while !wall.isWaitedFor { await Task.yield() }
        wall.learn(BudgetStanding(inAir: Picodollars(40), number: 2))
        #expect(await first == .granted)
        async let second = wall.enter(Picodollars(60))
        while !wall.isWaitedFor { await Task.yield() }
        wall.leave(Picodollars(60), word: BudgetStanding(inAir: Picodollars(30), number: 3))
        #expect(await second == .granted)
        #expect(!wall.isWaitedFor)
    }

    @Test func `A small request does not pass a larger one that waits`() async {
        let wall = wall(100, inAir: 50)
        async let large = wall.enter(Picodollars(60))
        while !wall.isWaitedFor { await Task.yield() }
        async let small = wall.enter(Picodollars(10))
        for _ in 0..<100 { await Task.yield() }
        wall.learn(BudgetStanding(inAir: Picodollars(41), number: 2))
        for _ in 0..<100 { await Task.yield() }
        #expect(wall.isWaitedFor)
        wall.learn(BudgetStanding(inAir: Picodollars(30), number: 3))
        #expect(await large == .granted)
        #expect(await small == .granted)
    }

    @Test func `Once one is refused, nobody passes any more`() async {
        let wall = wall(100, inAir: 100)
        async let waiting = wall.enter(Picodollars(60))
        while !wall.isWaitedFor { await Task.yield() }
        let word = BudgetStanding(spent: Picodollars(41), inAir: Picodollars(59), number: 2)
        wall.learn(word)
        #expect(await waiting == .refused(word))
        #expect(await wall.enter(Picodollars(1)) == .stopped)
    }

    @Test func `A stop lets go of everybody who waits`() async {
        let wall = wall(100, inAir: 100)
        async let waiting = wall.enter(Picodollars(60))
        while !wall.isWaitedFor { await Task.yield() }
        wall.stop()
        #expect(await waiting == .stopped)
    }
}
