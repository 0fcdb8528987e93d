import Foundation
import GRDB
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

/// A conversation that is removed is gone, and its cost is not.
struct DeleteTests {
    /// The database and its log as they lie on the disk.
    private func bytes(of test: TestStore) -> Data {
        ["", "-wal"].reduce(into: Data()) { data, ending in
            data += FileManager.default.contents(atPath: test.path + ending) ?? Data()
        }
    }

    private func isThere(_ word: String, in test: TestStore) -> Bool {
        bytes(of: test).range(of: Data(word.utf8)) != nil
    }

    /// The bill, as one text.
    private func rollups(of test: TestStore) async throws -> [String] {
        try await test.store.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM usage_rollups ORDER BY hour").map(\.description)
        }
    }

    @Test func `Nothing that was said is left in the file, and the bill stays`() async throws {
        let test = try await TestStore()
        let kept = try await test.chat("something else", "quite different")
        let words = ["qquestionq", "qanswerq", "qreasonq", "qsystemq", "qresultq", "qargumentq", "qbodyq"]
        let worker = try await test.worker()
        let session = try await test.chat(
            "say qquestionq", "It is qanswerq", system: "Be qsystemq.", reasoning: "Well, qreasonq",
            by: worker)
        let turn = try await test.ask("with tools", in: session, by: worker)
        let attempt = try await test.send(turn)
        try await test.store.checkpoint(AnswerPart(text: "qansw"), of: attempt, in: turn)
        let call = ToolCall(id: "c", name: "clock", arguments: .parsed(["a": "qargumentq"]))
        try await test.settle(
            attempt, .answered(.fixture("It", toolCalls: [call]), cost: nil, price: nil), in: turn)
        let failing = try await test.send(turn)
        let record = FailedRequest(
            body: "{\"x\":\"qbodyq\"}", estimatedTokens: 1, estimateMethod: "chars/4", messagesCount: 1)
        try await test.settle(
            failing,
            .failed(
                Failure(kind: .overloaded, provider: "simulator", message: "busy"), record: record,
                part: AnswerPart(text: "qans")), in: turn)
        try await test.store.close(turn)
        let open = try #require(try await test.store.openCalls(of: session).first)
        _ = try await test.store.answer(open, with: ToolResult(content: "qresultq"))
        _ = try await test.search("qanswerq")
        for word in words { #expect(isThere(word, in: test), "\(word)") }
        let before = try await rollups(of: test)

        let report = try await test.store.delete([session])
        #expect(report == WipeReport(isLogInUse: false, hasOldRemains: false))
        for word in words + ["qansw", "qquest"] { #expect(!isThere(word, in: test), "\(word)") }
        #expect(try await rollups(of: test) == before)
        #expect(try await test.fullDamage() == [])
        #expect(try await test.store.session(session) == nil)
        #expect(try await test.count("SELECT count(*) FROM attempts") == 1)
        #expect(try await test.count("SELECT sum(answered) * 10 + sum(failed) FROM pruned_usage") == 21)
        #expect(try await test.store.messages(of: kept).count == 2)
    }

    @Test func `Long texts that came piece by piece leave nothing behind`() async throws {
        let test = try await TestStore()
        var random = SplitMix(seed: 3)
        let worker = try await test.worker()
        var sessions: [SessionID] = []
        for number in 0..<8 {
            let turn = try await test.ask("first of \(number)", by: worker)
            try await test.store.close(turn)
            sessions.append(turn.session)
        }
        for round in 0..<120 {
            let number = Int.random(in: 0..<8, using: &random)
            let turn = try await test.ask("mark\(number)q and on", in: sessions[number], by: worker)
            let attempt = try await test.send(turn)
            let count = [3, 20, 150, 900].randomElement(using: &random)!
            let text = (0..<count).map { $0 % 3 == 0 ? "mark\(number)q" : "word\($0 % 17)" }.joined(
                separator: " ")
            for share in [4, 2] {
                try await test.store.checkpoint(
                    AnswerPart(text: String(text.prefix(text.count / share))), of: attempt, in: turn)
            }
            try await test.settle(attempt, .answered(.fixture(text), cost: nil, price: nil), in: turn)
            try await test.store.close(turn)
            if round % 25 == 0 { _ = try await test.search("word1") }
        }
        _ = try await test.search("word1")
        try await test.store.delete([sessions[3], sessions[5]])
        #expect(!isThere("mark3q", in: test))
        #expect(!isThere("mark5q", in: test))
        #expect(isThere("mark4q", in: test))
        #expect(try await test.fullDamage() == [])
    }

    @Test func `A system prompt goes with the last who has it`() async throws {
        let test = try await TestStore()
        let one = try await test.chat("a", system: "shared prompt")
        let two = try await test.chat("b", system: "shared prompt")
        try await test.store.delete([one])
        #expect(try await test.store.requireSession(two).system == "shared prompt")
        try await test.store.delete([two])
        #expect(try await test.count("SELECT count(*) FROM contents") == 0)
        // Whoever remembers its number finds it gone.
        let three = try await test.chat("c", system: "shared prompt")
        #expect(try await test.store.requireSession(three).system == "shared prompt")
        #expect(try await test.damage() == [])
    }

    @Test func `Another process that removes a text does not leave its number in our memory`() async throws {
        let test = try await TestStore()
        let session = try await test.chat("a", system: "first prompt")
        let other = try await Store.open(at: test.path, time: test.clock.time)
        try await other.delete([session])
        await other.close()
        let next = try await test.chat("b", system: "first prompt")
        #expect(try await test.store.requireSession(next).system == "first prompt")
        #expect(try await test.damage() == [])
    }

    @Test
    func `A session that is being answered, a job's and one that is not there are refused, and nothing goes`()
        async throws
    {
        let test = try await TestStore()
        let idle = try await test.chat("a")
        let busy = try await test.ask("b", by: try await test.worker(pid: 4))
        try await test.answered(["k"], "c")
        let job = SessionID(Int64(try await test.count("SELECT id FROM sessions WHERE job_id IS NOT NULL")))
        await #expect(throws: StoreError.sessionBusy(busy.session)) {
            try await test.store.delete([idle, busy.session])
        }
        await #expect(throws: StoreError.sessionOfBatch(job, batch: "batch")) {
            try await test.store.delete([idle, job])
        }
        await #expect(throws: StoreError.sessionUnknown(SessionID(99))) {
            try await test.store.delete([idle, SessionID(99)])
        }
        #expect(try await test.store.session(idle) != nil)
        test.kill(pid: 4)
        try await test.store.delete([idle, busy.session])
        #expect(try await test.store.session(busy.session) == nil)
        #expect(try await test.damage() == [])
    }

    @Test func `A fork keeps its messages and forgets its parent`() async throws {
        let test = try await TestStore()
        let parent = try await test.chat("a")
        let child = try await test.chat("b")
        try test.tamper("UPDATE sessions SET parent_id = \(parent) WHERE id = \(child)")
        try await test.store.delete([parent])
        #expect(try await test.store.requireSession(child).parent == nil)
        #expect(try await test.store.messages(of: child).count == 2)
    }

    @Test func `A wipe that was interrupted is finished by the next`() async throws {
        let test = try await TestStore()
        let session = try await test.chat("qwordq", "qwordq")
        let other = try await test.chat("else", "else")
        _ = try await test.search("else")
        try await test.store.write { try $0.removeSession(session.number) }
        #expect(try await test.damage() == [])
        try await test.store.delete([other])
        #expect(!isThere("qwordq", in: test))
        #expect(try await test.count("SELECT wipe_due FROM search_index") == 0)
    }
}
