import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

struct AnswerTests {
    @Test func `A long listing is read piece by piece, each job once and in order, and keeps no snapshot`()
        async throws
    {
        let test = try await TestStore()
        let keys = (0..<(AnswerSlice.jobsMax * 2 + 7)).map { "job-\($0)" }
        let batch = try await test.enqueue(keys).batch
        var seen: [String] = []
        try await test.store.answers(of: batch, including: .everything) { answer in
            if seen.isEmpty {
                try test.tamper("UPDATE jobs SET state = 'cancelled' WHERE job_key = 'job-1000'")
            }
            seen.append(answer.customID)
            if answer.customID == "job-1000" { #expect(answer.state == "cancelled") }
        }
        #expect(seen == keys)
    }

    @Test func `Answers come in the order of the file whatever order they were given in`() async throws {
        let test = try await TestStore()
        let keys = (0..<20).map { "job-\($0)" }
        try await test.enqueue(keys)
        for job in try await test.lease(20).reversed() {
            try await test.store.settle(
                try await test.send(job).settled(.answer(.fixture("to \(job.key)"))))
        }
        let answers = try await test.answers()
        #expect(answers.map(\.customID) == keys)
        #expect(answers.map(\.answer) == keys.map { "to \($0)" })
    }

    @Test func `An answer tells everything that is known of it`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        let sending = try await test.send(try #require(try await test.lease().first))
        let call = ToolCall(
            id: "call_1", name: "look_up", arguments: .repaired(["word": "forty"], raw: "{\"word\":\"forty\"")
        )
        var completion = Completion.fixture(
            usage: Usage(inputUncached: 10, cacheRead: 90, output: 7, reasoning: 3), toolCalls: [call])
        completion.reasoning = "Let me think."
        try await test.store.settle(sending.settled(.answer(completion)))
        let answer = try #require(try await test.answers().first)
        #expect(answer.state == "done" && answer.answer == "Forty-two." && answer.attempts == 1)
        #expect(answer.model == "simulator/sim-small" && answer.finishReason == "stop")
        #expect(answer.reasoning == "Let me think." && answer.toolCalls == [call])
        #expect(answer.usage == completion.usage && answer.cost == Picodollars(21_000_000))
        #expect(answer.session == sending.attempt.session.number)
        #expect(answer.input == ["id": "a", "prompt": "What is a?"])
    }

    @Test func `A failed job tells why`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        try await test.store.settle(
            try await test.send(try #require(try await test.lease().first)).settled(.failure()))
        let answer = try #require(try await test.answers().first)
        #expect(answer.error == Answer.Problem(kind: "overloaded", message: "busy", status: 503))
        #expect(answer.answer == nil)

        test.clock.advance(by: Store.failedRequestsAgeMax + .seconds(1))
        #expect(try await test.store.pruneFailedRequests() == 1)
        #expect(try await test.answers().first?.error?.kind == "overloaded")
    }

    @Test func `An answer to a schema is parsed`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a", "b"], settings: .fixture(schema: ["type": "object"]))
        let jobs = try await test.lease(2)
        try await test.store.settle(
            try await test.send(jobs[0]).settled(.answer(.fixture(#"{"city":"Rome"}"#))))
        try await test.store.settle(try await test.send(jobs[1]).settled(.answer(.fixture("Rome"))))
        #expect(try await test.answers().map(\.object) == [["city": "Rome"], nil])
    }

    @Test func `A system prompt that was lifted out comes back in its place`() async throws {
        let test = try await TestStore()
        _ = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
            try $0.insert(.fixture(["a"], system: "Speak like a pirate."))
        }
        #expect(try await test.answers(.everything).first?.input["system"] == "Speak like a pirate.")
    }

    @Test func `Whoever stops reading can read again`() async throws {
        struct Enough: Error {}
        let test = try await TestStore()
        let batch = try await test.enqueue(["a", "b"]).batch
        await #expect(throws: Enough.self) {
            try await test.store.answers(of: batch, including: .everything) { _ in throw Enough() }
        }
        #expect(try await test.answers(.everything).count == 2)
    }
}
