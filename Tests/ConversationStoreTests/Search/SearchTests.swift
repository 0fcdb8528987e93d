import Foundation
import GRDB
import ParleyCore
import Synchronization
import Testing

@testable import ConversationStore

/// Words in everything that was ever said.
struct SearchTests {
    @Test func `Questions, answers and reasoning of chats and of jobs are found`() async throws {
        let test = try await TestStore()
        let chat = try await test.chat(
            "Where is the Zürich office?", "On the lake.", reasoning: "Think of limmat.")
        try await test.answered(["a"], "The office is in Tokyo.")
        #expect(try await test.search("zurich").hits.map(\.session) == [chat])
        #expect(try await test.places("LIMMAT") == ["\(chat).1"])
        let hit = try #require(try await test.search("tokyo").hits.first)
        #expect(hit.batch == "batch" && hit.jobKey == "a" && hit.role == .assistant)
        #expect(hit.model == "simulator/sim-small")
        #expect(
            hit.excerpt == [
                .init("The office is in ", isMatch: false), .init("Tokyo", isMatch: true),
                .init(".", isMatch: false),
            ])
        #expect(try await test.places("office").count == 2)
        #expect(try await test.places("nowhere").isEmpty)
        #expect(try await test.fullDamage() == [])
    }

    @Test func `Words, phrases, beginnings, alternatives and exclusions hold`() async throws {
        let test = try await TestStore()
        let one = try await test.chat("the big city hall", "yes")
        let two = try await test.chat("the hall of the city", "yes")
        let first = "\(one).0"
        let second = "\(two).0"
        #expect(try await test.places("city hall").sorted() == [first, second].sorted())
        #expect(try await test.places("\"city hall\"") == [first])
        #expect(try await test.places("city -big") == [second])
        #expect(try await test.places("bi*") == [first])
        #expect(try await test.places("\"city ha\"*") == [first])
        #expect(try await test.places("big OR of").sorted() == [first, second].sorted())
    }

    @Test func `Each filter keeps what fits`() async throws {
        let test = try await TestStore()
        let old = try await test.chat("apple one", "apple answer")
        test.clock.advance(by: .seconds(3600))
        let moment = test.clock.time.now
        try await test.answered(["a"], "apple job")
        let new = try await test.chat("apple two", "none")
        #expect(try await test.places("apple").count == 4)
        #expect(try await test.places("apple") { $0.role = .user }.sorted() == ["\(old).0", "\(new).0"])
        #expect(try await test.places("apple") { $0.session = old }.sorted() == ["\(old).0", "\(old).1"])
        #expect(try await test.places("apple") { $0.since = moment }.count == 2)
        #expect(try await test.places("apple") { $0.until = moment }.count == 2)
        #expect(try await test.places("apple") { $0.kind = .chats }.count == 3)
        #expect(try await test.search("apple") { $0.kind = .batches }.hits.map(\.batch) == ["batch"])
        #expect(try await test.places("apple") { $0.model = "sim-small" }.count == 4)
        #expect(try await test.places("apple") { $0.model = "simulator/sim-small" }.count == 4)
        #expect(try await test.places("apple") { $0.model = "sim-large" }.isEmpty)
        #expect(try await test.places("apple") { $0.limit = 1 }.count == 1)
    }

    @Test func `The shorter text with the rarer word comes first, and the newer of two that are alike`()
        async throws
    {
        let test = try await TestStore()
        let old = try await test.chat("plum", "x")
        test.clock.advance(by: .seconds(400 * 24 * 3600))
        let new = try await test.chat("plum", "x")
        let long = try await test.chat("plum and very many other words that have nothing to do with it", "x")
        #expect(try await test.search("plum").hits.map(\.session) == [new, old, long])
    }

    @Test func `An answer that is still coming is left, and taken up when its turn is over`() async throws {
        let test = try await TestStore()
        let turn = try await test.ask("question", by: try await test.worker(pid: 9))
        let attempt = try await test.send(turn)
        try await test.store.checkpoint(AnswerPart(text: "halfway"), of: attempt, in: turn)
        let later = try await test.chat("another question", "done")
        var page = try await test.search("question")
        #expect(page.hits.map(\.session) == [turn.session] && page.unindexed == 3)
        #expect(try await test.places("halfway").isEmpty)
        try await test.settle(
            attempt, .answered(.fixture("halfway home"), cost: nil, price: nil), in: turn)
        try await test.store.close(turn)
        page = try await test.search("question")
        #expect(Set(page.hits.map(\.session)) == [turn.session, later] && page.unindexed == 0)
        #expect(try await test.places("home") == ["\(turn.session).1"])
        #expect(try await test.fullDamage() == [])
    }

    @Test func `What a process that is gone left is final`() async throws {
        let test = try await TestStore()
        let turn = try await test.ask("question", by: try await test.worker(pid: 9))
        let attempt = try await test.send(turn)
        try await test.store.checkpoint(AnswerPart(text: "halfway"), of: attempt, in: turn)
        test.kill(pid: 9)
        #expect(try await test.places("halfway") == ["\(turn.session).1"])
    }

    @Test func `What was taken out of a conversation is found and said to be history`() async throws {
        let test = try await TestStore()
        let chat = try await test.chat("wrong question", "bad answer")
        let messages = try await test.store.messages(of: chat).map(\.id)
        try await test.store.setAside(messages, of: chat)
        #expect(try await test.search("wrong").hits.map(\.isHistory) == [true])
    }

    @Test func `A number that is given again is taken up again`() async throws {
        let test = try await TestStore()
        let first = try await test.chat("apple", "pear")
        #expect(try await test.places("apple").count == 1)
        try await test.store.delete([first])
        _ = try await test.chat("quince", "medlar")
        #expect(try await test.places("apple OR pear").isEmpty)
        #expect(try await test.places("quince OR medlar").count == 2)
        #expect(try await test.fullDamage() == [])
    }

    @Test func `Of a word that is everywhere the newest are weighed, and that is said`() async throws {
        let test = try await TestStore()
        for number in 0..<12 { try await test.chat("common \(number)", "common") }
        try await test.store.catchUpWithMessages()
        let page = try await test.store.read { database in
            var reader = SearchReader(
                SearchQuery(try SearchExpression("common"), limit: 30), now: test.clock.time.now)
            reader.matchesMax = 5
            return try reader.page(in: database)
        }
        #expect(page.reach == .newestMatches(5) && page.hits.count == 5)
        #expect(page.hits.map(\.session.number).min() == 10)
        let filtered = try await test.store.read { database in
            var reader = SearchReader(
                SearchQuery(try SearchExpression("common"), role: .user, limit: 30), now: test.clock.time.now)
            reader.looksMax = 6
            return try reader.page(in: database)
        }
        #expect(filtered.reach == .newestLooks(6) && filtered.hits.count == 3)
    }

    @Test func `A store that is open for reading searches what the index has`() async throws {
        let test = try await TestStore()
        try await test.chat("apple", "pear")
        _ = try await test.search("apple")
        try await test.chat("apple again", "pear")
        let reader = try await Store.openReadOnly(at: test.path, time: test.clock.time)
        let page = try await reader.search(SearchQuery(try SearchExpression("apple")))
        #expect(page.hits.count == 1 && page.unindexed == 2)
        await reader.close()
    }

    @Test func `An index that is not right is named, and a vacuum lets it be made anew`() async throws {
        let test = try await TestStore()
        try await test.chat("apple", "pear")
        _ = try await test.search("apple")
        try test.tamper("DELETE FROM message_words_docsize WHERE id = 1")
        #expect(try await test.damage() == ["search-index-has-its-messages"])
        try await test.store.vacuum()
        #expect(try await test.fullDamage() == [])
        #expect(try await test.places("apple").count == 1)
        try test.tamper(
            "DROP TRIGGER message_words_change; UPDATE messages SET content = 'plum' WHERE id = 1")
        #expect(try await test.damage() == [])
        #expect(try await test.fullDamage() == ["search-index-has-their-words"])
        try await test.store.vacuum()
        #expect(try await test.places("plum").count == 1)
        #expect(try await test.fullDamage() == [])
    }

    @Test func `Storing messages writes nothing into the index`() async throws {
        let test = try await TestStore()
        try await test.answered((0..<20).map { "k\($0)" }, "apple")
        #expect(try await test.count("SELECT count(*) FROM message_words_docsize") == 0)
        let steps = Mutex<[SearchIndexProgress]>([])
        _ = try await test.store.search(SearchQuery(try SearchExpression("apple"))) { step in
            steps.withLock { $0.append(step) }
        }
        #expect(try await test.count("SELECT count(*) FROM message_words_docsize") == 40)
        #expect(steps.withLock { $0 } == [SearchIndexProgress(done: 40, total: 40)])
    }
}
