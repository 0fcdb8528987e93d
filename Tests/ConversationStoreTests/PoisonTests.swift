import ParleyCore
import Testing

@testable import ConversationStore

/// A job whose request kills whoever sends it.
struct PoisonTests {
    private func die(_ test: TestStore, times: Int) async throws {
        for round in 1...times {
            let pid = Int32(100 + round)
            let worker = try await test.worker(pid: pid)
            let job = try #require(try await test.lease(worker: worker).first, "it was not handed out again")
            _ = try await test.send(job)
            test.kill(pid: pid)
            _ = try await test.store.rescue(.retry)
        }
    }

    private static var twoAttempts: BatchSettings {
        var settings = BatchSettings.fixture()
        settings.attemptsMax = 2
        return settings
    }

    @Test func `A job that was lost as often as it may be asked is left for the user`() async throws {
        let test = try await TestStore()
        try await test.enqueue(settings: Self.twoAttempts)
        try await die(test, times: 2)
        #expect(try await test.state(of: "a") == .unknown)
        #expect(try await test.store.rescue(.retry) == RescueReport(held: 1))
        #expect(try await test.lease().isEmpty)
        #expect(try await test.store.check().map(\.law) == ["unknown-requests", "asked-again"])
    }

    @Test func `Asked for by the user it is asked again under the same round`() async throws {
        let test = try await TestStore()
        let batch = try await test.enqueue(settings: Self.twoAttempts).batch
        try await die(test, times: 2)
        #expect(try await test.store.retry(batch: batch, states: [.unknown]) == 1)
        try await die(test, times: 2)
        let job = try #require(try await test.job("a"))
        #expect(job.state == "unknown" && job.round == 0 && job.rescues == 3)
    }
}
