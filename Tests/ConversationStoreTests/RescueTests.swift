import Foundation
import ParleyCore
import Testing

@testable import ConversationStore

struct RescueTests {
    @Test func `The jobs of a dead process are taken back at once`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["leased", "sent"])
        let jobs = try await test.lease(2, worker: try await test.worker(pid: 5))
        _ = try await test.send(jobs[1])
        test.kill(pid: 5)

        let report = try await test.store.rescue(.retry)

        #expect(report == RescueReport(released: 1, askedAgain: 1, held: 0, workersLost: 1))
        #expect(try await test.state(of: "leased") == .waiting)
        #expect(try await test.state(of: "sent") == .waiting)
        #expect(try await test.count("SELECT count(*) FROM attempts WHERE state = 'unknown'") == 1)
        #expect(try await test.damage() == [])
    }

    @Test func `The jobs of a living process are left alone`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["leased", "sent"])
        let jobs = try await test.lease(2)
        _ = try await test.send(jobs[1])
        #expect(try await test.store.rescue(.retry) == RescueReport())
    }

    @Test func `An unknown request is asked again in the same round`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let first = try await test.send(
            try #require(try await test.lease(worker: try await test.worker(pid: 5)).first))
        test.kill(pid: 5)
        _ = try await test.store.rescue(.retry)
        let again = try #require(try await test.lease().first)
        #expect(again.round == first.job.round)
        #expect(again.session == first.attempt.session)
        #expect(try #require(try await test.job("a")).rescues == 1)
        #expect(try await test.store.status().first?.askedAgain == 1)
    }

    @Test func `A job has one conversation even if its next worker names none`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let first = try await test.send(
            try #require(try await test.lease(worker: try await test.worker(pid: 5)).first))
        test.kill(pid: 5)
        _ = try await test.store.rescue(.retry)
        var again = try #require(try await test.lease().first)
        again.session = nil
        #expect(try await test.send(again).attempt.session == first.attempt.session)
    }

    @Test func `Held requests stay unknown until somebody decides`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue().batch
        _ = try await test.send(
            try #require(try await test.lease(worker: try await test.worker(pid: 5)).first))
        test.kill(pid: 5)
        #expect(try await test.store.rescue(.hold).held == 1)
        #expect(try await test.store.rescue(.hold).held == 1)
        #expect(try await test.state(of: "a") == .unknown)
        #expect(try await test.store.unknownAttempts(of: batch) == 1)
        #expect(try await test.store.retry(batch: batch, states: [.unknown]) == 1)
        let job = try #require(try await test.job("a"))
        #expect(job.state == "waiting" && job.round == 0 && job.rescues == 1)
    }

    @Test func `A request of a process that has been silent for its lease is rescued though it lives`()
        async throws
    {
        let test = try await TestStore()
        try await test.enqueue()
        _ = try await test.send(try #require(try await test.lease(for: .seconds(30)).first))
        #expect(try await test.watch(for: .seconds(29)).askedAgain == 0)
        #expect(try await test.watch(for: .seconds(1)).askedAgain == 1)
    }

    @Test func `Whoever retires gives back what it holds`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["leased", "sent"])
        let worker = try await test.worker()
        let jobs = try await test.lease(2, worker: worker)
        _ = try await test.send(jobs[1])
        try await test.store.retire(worker)
        #expect(try await test.state(of: "leased") == .waiting)
        #expect(try await test.state(of: "sent") == .unknown)
        #expect(try await test.damage() == [])
    }

    @Test func `After a power cut what was committed is there and what was in the air is known`() async throws
    {
        let test = try await TestStore()
        try await test.enqueue(["answered", "in the air", "leased", "waiting"])
        let jobs = try await test.lease(3, worker: try await test.worker(pid: 5))
        try await test.store.settle(try await test.send(jobs[0]).settled(.answer()))
        _ = try await test.send(jobs[1])

        // The files as they lie on the disk at this moment, without any farewell.
        let copy = test.directory + "/after.db"
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: test.path + suffix, toPath: copy + suffix)
        }
        let after = try await Store.open(
            at: copy, time: test.clock.time, liveness: WorkerLiveness { _ in .gone })

        let report = try await after.rescue(.retry)
        #expect(report == RescueReport(released: 1, askedAgain: 1, workersLost: 1))
        let status = try #require(try await after.status().first)
        #expect(status[.done] == 1 && status[.waiting] == 3)
        let findings = try await after.check()
        #expect(findings.map(\.law) == ["unknown-requests", "asked-again"])
        await after.close()
    }

    @Test func `This very process is alive, and one that does not exist is gone`() {
        let me = WorkerIdentity.current()
        #expect(WorkerLiveness.system.verdict(on: me) == .alive)
        var other = me
        other.started += 1
        #expect(WorkerLiveness.system.verdict(on: other) == .gone)
        other.host = "elsewhere"
        #expect(WorkerLiveness.system.verdict(on: other) == .unknowable)
        #expect(WorkerIdentity.look(at: .max) == .gone)
    }
}
