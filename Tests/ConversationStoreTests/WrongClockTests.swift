import ParleyCore
import Testing

@testable import ConversationStore

/// Two processes on one database whose clocks differ: one of them began before the machine's clock was set.
struct WrongClockTests {
    /// The same database, seen by a process whose clock is ahead of the first one's by so much.
    private func other(
        _ test: TestStore, ahead: Duration, liveness: WorkerLiveness = WorkerLiveness { _ in .alive }
    ) async throws -> Store {
        let time = TimeSource(now: { test.clock.time.now + ahead }, sleep: { _ in })
        return try await Store.open(at: test.path, time: time, liveness: liveness)
    }

    @Test func `A clock that is a day ahead takes nothing from a worker that lives`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let worker = try await test.worker()
        let job = try #require(try await test.lease(worker: worker).first)
        let sending = try await test.send(job)
        let other = try await other(test, ahead: .seconds(24 * 3600))

        for _ in 0..<30 {
            #expect(try await other.rescue(.retry) == RescueReport())
            test.clock.advance(by: .seconds(5))
            _ = try await test.store.renew([job.lease], of: worker, for: .seconds(60))
        }

        try await test.store.settle(sending.settled(.answer()))
        #expect(try await test.state(of: "a") == .done)
        await other.close()
    }

    @Test(arguments: [Duration.seconds(-3600), .seconds(3600)])
    func `The jobs of a lost worker whose clock was wrong are taken back after its lease`(
        ahead: Duration
    ) async throws {
        let test = try await TestStore()
        try await test.enqueue(["leased", "sent"])
        let jobs = try await test.lease(2, for: .seconds(60))
        _ = try await test.send(jobs[1])
        let other = try await other(test, ahead: ahead, liveness: WorkerLiveness { _ in .unknowable })

        var report = try await other.rescue(.retry)
        for _ in 0..<12 {
            #expect(report == RescueReport())
            test.clock.advance(by: .seconds(5))
            report = try await other.rescue(.retry)
        }

        #expect(report.released == 1 && report.askedAgain == 1)
        #expect(try await test.damage() == [])
        await other.close()
    }

    @Test func `A retry that is due an hour ahead is due now, and one in two minutes is not`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["far", "near"])
        let jobs = try await test.lease(2)
        for (job, wait) in zip(jobs, [Duration.seconds(3600), .seconds(120)]) {
            let due = test.clock.time.now + wait
            try await test.store.settle(
                try await test.send(job).settled(.failure(.retry(at: due, candidate: 0))))
        }
        #expect(try await test.lease(2).map(\.key) == ["far"])
    }

    @Test func `A worker that was taken off the list by mistake is on it again with its next beat`()
        async throws
    {
        let test = try await TestStore()
        try await test.enqueue()
        let worker = try await test.worker()
        try test.tamper("DELETE FROM workers")
        let job = try #require(try await test.lease(worker: worker).first)
        #expect(try await test.damage() == ["held-jobs-have-workers"])

        _ = try await test.store.renew([job.lease], of: worker, for: .seconds(60))

        #expect(try await test.damage() == [])
        #expect(try await test.store.rescue(.retry) == RescueReport())
    }

    @Test func `A worker does not take its own requests back, however long it slept`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let worker = try await test.worker()
        let sending = try await test.send(try #require(try await test.lease(worker: worker).first))
        #expect(try await test.watch(for: .seconds(300), by: worker) == RescueReport())
        try await test.store.settle(sending.settled(.answer()))
        #expect(try await test.state(of: "a") == .done)
    }
}
