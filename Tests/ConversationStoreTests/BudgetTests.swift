import ParleyCore
import Testing

@testable import ConversationStore

/// The budget's part of the ledger: what is reserved, what is taken back, and who is let through.
struct BudgetTests {
    private let worst = Picodollars(60)

    private func budget(_ limit: Int64, _ batches: [BatchID]? = nil) -> Budget {
        Budget(limit: Picodollars(limit), batches: batches)
    }

    private func opening(_ job: LeasedJob, _ test: TestStore, _ worst: Int64 = 60) -> AttemptOpening {
        .fixture(job, sentAt: test.clock.time.now, worstCase: Picodollars(worst))
    }

    /// Spent, held and under way, of all batches.
    private func sums(_ test: TestStore) async throws -> [Int64] {
        let standing = try await test.store.standing(of: budget(0))
        return [standing.spent.value, standing.held.value, standing.inAir.value]
    }

    @Test func `A request that fits is written down, and its worst case reserved`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        guard
            case .granted(let opened, let standing) = try await test.store.open(
                opening(job, test), within: budget(60))
        else { throw Unexpected() }
        #expect(opened.reserved == worst && standing.inAir == worst)
        #expect(try await test.state(of: "a") == .sent)
        #expect(try await test.damage() == [])
    }

    @Test func `What might fit later waits, and nothing is written of it`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        _ = try await test.send(jobs[0], worstCase: worst)
        guard
            case .wait(let standing) = try await test.store.open(opening(jobs[1], test), within: budget(100))
        else { throw Unexpected() }
        #expect(standing.inAir == worst && standing.spent == .zero)
        #expect(try await test.state(of: "b") == .leased)
        #expect(try await test.count("SELECT count(*) FROM attempts") == 1)
    }

    @Test func `What would not fit alone is refused, and nothing is written of it`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        guard case .refused = try await test.store.open(opening(job, test), within: budget(59))
        else { throw Unexpected() }
        #expect(try await test.state(of: "a") == .leased)
        #expect(try await test.count("SELECT count(*) FROM attempts") == 0)
    }

    @Test func `A request that costs nothing passes a budget that is used up`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let job = try #require(try await test.lease().first)
        guard
            case .granted(let opened, _) = try await test.store.open(
                .fixture(job, sentAt: test.clock.time.now), within: budget(0))
        else { throw Unexpected() }
        #expect(opened.reserved == nil)
    }

    @Test func `The real cost takes the place of what was reserved`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first), worstCase: worst)
        let standing = try await test.store.settle(
            sending.settled(.answer(cost: Picodollars(21))), within: budget(100))
        #expect(standing.spent == Picodollars(21) && standing.inAir == .zero && standing.held == .zero)
        #expect(try await test.damage() == [])
    }

    @Test(arguments: [nil, Usage(inputUncached: 1, output: 1)])
    func `An answer whose cost nobody knows keeps what was reserved`(usage: Usage?) async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first), worstCase: worst)
        try await test.store.settle(sending.settled(.answer(.fixture(usage: usage), cost: nil)))
        #expect(try await sums(test) == [0, 60, 0])
        #expect(try await test.damage() == [])
    }

    @Test func `A failure keeps as much as may yet be charged`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"])
        let jobs = try await test.lease(2)
        let first = try await test.send(jobs[0], worstCase: worst)
        let second = try await test.send(jobs[1], worstCase: worst)
        try await test.store.settle(first.settled(.failure(mayCost: Picodollars(45))))
        try await test.store.settle(second.settled(.failure(.retry(at: first.at, candidate: 0))))
        #expect(try await sums(test) == [0, 45, 0])
        #expect(try await test.damage() == [])
    }

    @Test func `What was in the air when its worker died stays reserved until a late answer`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(
            try #require(try await test.lease(worker: test.worker(pid: 7)).first), worstCase: worst)
        test.kill(pid: 7)
        _ = try await test.store.rescue(.hold)
        #expect(try await sums(test) == [0, 60, 0])
        #expect(try await test.damage() == [])

        try await test.store.settle(sending.settled(.answer(cost: Picodollars(21))))
        #expect(try await sums(test) == [21, 0, 0])
        #expect(try await test.state(of: "a") == .done)
        #expect(try await test.damage() == [])
    }

    @Test func `A rescued job that is asked again reserves again, beside its first request`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let first = try await test.send(
            try #require(try await test.lease(worker: test.worker(pid: 7)).first), worstCase: worst)
        test.kill(pid: 7)
        _ = try await test.store.rescue(.retry)
        let again = try #require(try await test.lease().first)
        guard case .refused = try await test.store.open(opening(again, test), within: budget(119))
        else { throw Unexpected() }
        guard
            case .granted(let opened, _) = try await test.store.open(
                opening(again, test), within: budget(120))
        else { throw Unexpected() }
        #expect(try await sums(test) == [0, 60, 60])

        // The late answer is an extra one: it is billed, and the second request stays in the air.
        await #expect(throws: StoreError.leaseLost(again.lease.job)) {
            try await test.store.settle(first.settled(.answer(cost: Picodollars(20))))
        }
        #expect(try await sums(test) == [20, 0, 60])
        let second = Sending(job: again, attempt: opened, at: test.clock.time.now)
        try await test.store.settle(second.settled(.answer(cost: Picodollars(30))))
        #expect(try await sums(test) == [50, 0, 0])
        #expect(try await test.damage() == [])
    }

    @Test func `A request that was cut stays reserved`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first), worstCase: worst)
        try await test.store.settle(sending.settled(.interrupted(partialText: "F")))
        #expect(try await sums(test) == [0, 60, 0])
        #expect(try await test.damage() == [])
    }

    @Test func `A budget counts its own batches, or all of them`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"], batch: "one")
        try await test.enqueue(["b"], batch: "two")
        let jobs = try await test.lease(2)
        let one = try await test.send(jobs[0], worstCase: worst)
        try await test.store.settle(one.settled(.answer(cost: Picodollars(50))))
        _ = try await test.send(jobs[1], worstCase: Picodollars(7))
        let ofOne = try await test.store.standing(of: budget(0, [jobs[0].batch]))
        let ofTwo = try await test.store.standing(of: budget(0, [jobs[1].batch]))
        #expect(ofOne.spent == Picodollars(50) && ofOne.inAir == .zero)
        #expect(ofTwo.spent == .zero && ofTwo.inAir == Picodollars(7))
        #expect(try await sums(test) == [50, 0, 7])
    }

    @Test func `Later words have higher numbers`() async throws {
        let test = try await TestStore()
        let first = try await test.store.standing(of: budget(0))
        let second = try await test.store.standing(of: budget(0))
        #expect(second.number > first.number)
    }

    @Test(arguments: [false, true])
    func `A neighbour that fails half-way changes nothing of the sums`(isGuarded: Bool) async throws {
        let test = try await TestStore()
        test.store.writer.guardsEachOperation = isGuarded
        let keys = (1...20).map { "k\($0)" }
        try await test.enqueue(keys)
        let jobs = try await test.lease(20)
        let openings = jobs.map { opening($0, test, 10) }
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for opening in openings {
                group.addTask {
                    if case .granted = try await test.store.open(opening, within: budget(105)) {
                        true
                    } else {
                        false
                    }
                }
                group.addTask {
                    try? await test.store.write { context in
                        try context.statement("UPDATE batches SET priority = priority + 1").run()
                        throw Unexpected()
                    }
                    return false
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 10)
        #expect(try await sums(test) == [0, 0, 100])
        #expect(try await test.damage() == [])
    }

    @Test func `Two processes that ask at once are never granted the same money`() async throws {
        let test = try await TestStore()
        try await test.enqueue((1...200).map { "k\($0)" })
        let other = try await Store.open(at: test.path, time: test.clock.time)
        let jobs = try await test.lease(200)
        let openings = jobs.map { opening($0, test, 10) }
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, opening) in openings.enumerated() {
                let store = index.isMultiple(of: 2) ? test.store : other
                group.addTask {
                    if case .granted = try await store.open(opening, within: budget(999)) {
                        true
                    } else {
                        false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 99)
        #expect(try await sums(test) == [0, 0, 990])
        #expect(try await test.damage() == [])
        await other.close()
    }

    private struct Unexpected: Error {}
}
