import GRDB
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

struct InvalidAnswerTests {
    private func fail(_ test: TestStore, _ text: String?, kind: Failure.Kind = .invalidAnswer) async throws
        -> SessionID
    {
        let sending = try await test.send(try #require(try await test.lease().first))
        let next = Settlement.NextStep.retry(at: test.clock.time.now, candidate: 0)
        try await test.store.settle(sending.settled(.failure(next, kind: kind, partialText: text)))
        return sending.attempt.session
    }

    @Test func `The invalid answers of a round come in their order, and nothing else does`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        _ = try await fail(test, "first")
        _ = try await fail(test, "half an ans", kind: .streamBroken)
        _ = try await fail(test, nil)
        let session = try await fail(test, "third")
        let answers = try await test.store.invalidAnswers(of: session, keyPrefix: "key-1-0")
        #expect(answers == ["first", "", "third"])
        #expect(try await test.store.invalidAnswers(of: session, keyPrefix: "key-1-1").isEmpty)
        #expect(try await test.damage() == [])
    }

    @Test func `They are found by the conversation, without a look at all attempts`() async throws {
        let test = try await TestStore()
        let plan = try await test.store.read { database in
            try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + Store.invalidAnswersSQL, arguments: [1, "", ""]
            ).map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("attempts_by_session") })
        #expect(!plan.contains { $0.hasPrefix("SCAN") })
    }

    @Test func `An object is shown only if it follows the schema of its batch`() async throws {
        let test = try await TestStore()
        let schema: JSON = ["type": "object", "required": ["city"]]
        try await test.enqueue(["a", "b", "c"], settings: .fixture(schema: schema))
        let texts = ["```json\n{\"city\":\"Rome\"}\n```", #"{"town":"Rome"}"#, #"{"city":"Rome"}"#]
        for (job, text) in zip(try await test.lease(3), texts) {
            try await test.store.settle(try await test.send(job).settled(.answer(.fixture(text))))
        }
        #expect(try await test.answers().map(\.object) == [["city": "Rome"], nil, ["city": "Rome"]])
        #expect(try await test.answers().map(\.answer) == texts)
    }
}
