import ConversationStore
import Conversations
import Foundation
import ParleyCore
import Testing

/// Databases that the tool `llm` itself has written.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled("the Python package index can be reached", { try await LLMTool.isInstalled }))
struct `Logs of llm` {
    /// Chats, changed system prompts, fragments and tools.
    private func chat(_ version: LLMTool.Version, with llm: LLMTool) async throws {
        try llm.file("one.txt", "fragment one\n")
        try llm.file("two.txt", "two\nlines")
        try llm.file("system.txt", "  from a file ")
        try await llm(version, "-m", "echo", "hello world", "-s", "be brief")
        try await llm(version, "-c", "second · Grüße 😀\n\twith a tab")
        try await llm(version, "-c", "third", "-s", "now be long")
        try await llm(
            version, "-m", "echo", "-f", "one.txt", "-f", "two.txt", "--sf", "system.txt", "-s", "and more",
            "ask")
        try await llm(version, "-c", "again", "-f", "one.txt")
        let calls = #"{"prompt": "tools", "tool_calls": [{"name": "llm_version"}, {"name": "llm_time"}]}"#
        try await llm(version, "-m", "echo", "-T", "llm_version", "-T", "llm_time", calls)
        try await llm(version, "-c", "after the tools")
    }

    private func store(beside llm: LLMTool) async throws -> Store {
        try await Store.open(at: llm.folder.appending(path: "parley.db").path)
    }

    @Test(arguments: LLMTool.Version.allCases)
    func `Every text is what llm says, and a second time there is nothing new`(
        version: LLMTool.Version
    ) async throws {
        let llm = try LLMTool()
        defer { llm.remove() }
        try await chat(version, with: llm)
        let said = try #require(
            try JSON(parsing: try await llm(version, "logs", "--json", "-n", "0")).arrayValue)
        let before = try Data(contentsOf: URL(filePath: llm.database))
        let file = try SessionImport.read(llm.database)
        #expect(file.problems == [])
        #expect(file.sessions.count == 3)
        let store = try await store(beside: llm)
        let first = try await store.importSessions(file.sessions, from: "logs.db")
        #expect(first.count { if case .new = $0 { true } else { false } } == 3)
        let again = try await store.importSessions(
            try SessionImport.read(llm.database).sessions, from: "logs.db")
        #expect(again.allSatisfy { if case .known = $0 { true } else { false } })
        #expect(try Data(contentsOf: URL(filePath: llm.database)) == before)
        var answers = 0
        for (session, outcome) in zip(file.sessions, first) {
            guard case .new(let id, let count) = outcome else { continue }
            let messages = try await store.messages(of: id)
            #expect(messages.count == count)
            #expect(try await store.openCalls(of: id).isEmpty)
            #expect(try await store.requireSession(id).status == .active)
            let conversation = session.origin.dropFirst(4)
            let rows = said.filter { $0["conversation_id"]?.stringValue == String(conversation) }
            let replies = messages.filter { $0.message.role == .assistant }.map(\.message.content)
            #expect(replies.sorted() == rows.compactMap { $0["response"]?.stringValue }.sorted())
            answers += replies.count
            let questions = messages.filter { $0.message.role == .user }.map(\.message.content)
            let prompts = rows.compactMap { $0["prompt"]?.stringValue }.filter { !$0.isEmpty }
            #expect(questions.count == prompts.count)
            #expect(prompts.allSatisfy { prompt in questions.contains { $0.hasSuffix(prompt) } })
        }
        #expect(answers == said.count)
        let texts = file.sessions.flatMap { $0.messages.map(\.message.content) }
        #expect(texts.contains("fragment one\n\ntwo\nlines\nask"))
        #expect(file.sessions.contains { $0.system == "from a file\n\nand more" })
        #expect(try await store.check().allSatisfy { $0.severity == .note })
        await store.close()
    }

    @Test func `What goes on in a newer version is appended to what was imported from an older one`()
        async throws
    {
        let llm = try LLMTool()
        defer { llm.remove() }
        try await chat(.responses, with: llm)
        let store = try await store(beside: llm)
        let old = try SessionImport.read(llm.database).sessions
        let ids = try await store.importSessions(old, from: "logs.db").compactMap { outcome -> SessionID? in
            if case .new(let id, _) = outcome { id } else { nil }
        }
        #expect(ids.count == 3)
        try await llm(.threads, "-c", "in the new one")
        let newer = try SessionImport.read(llm.database).sessions
        let outcomes = try await store.importSessions(newer, from: "logs.db")
        let grown = outcomes.compactMap { outcome -> SessionID? in
            if case .grown(let id, messages: 2) = outcome { id } else { nil }
        }
        #expect(grown.count == 1 && outcomes.count == 3)
        let messages = try await store.messages(of: try #require(grown.first))
        #expect(messages.dropLast().last?.message.content == "in the new one")
        #expect(messages.map(\.createdAt) == messages.map(\.createdAt).sorted())
        await store.close()
    }

    @Test func `A database in WAL mode is read without making a file beside it`() async throws {
        let llm = try LLMTool()
        defer { llm.remove() }
        try await llm(.threads, "-m", "echo", "one")
        let names = { try FileManager.default.contentsOfDirectory(atPath: llm.folder.path).sorted() }
        let before = try names()
        // The bytes that say how the file is written, as `PRAGMA journal_mode = wal` sets them.
        let file = try FileHandle(forUpdating: URL(filePath: llm.database))
        try file.seek(toOffset: 18)
        try file.write(contentsOf: Data([2, 2]))
        try file.close()
        #expect(try SessionImport.read(llm.database).sessions.first?.messages.count == 2)
        #expect(try names() == before)
    }
}
