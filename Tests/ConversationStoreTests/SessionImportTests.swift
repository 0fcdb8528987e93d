import GRDB
import ParleyCore
import Testing

@testable import ConversationStore

/// Conversations from elsewhere.
struct SessionImportTests {
    private func session(_ texts: [String], origin: String = "llm:1") -> ImportedSession {
        ImportedSession(
            origin: origin, model: .fixture,
            messages: texts.enumerated().map { index, text in
                ImportedMessage(
                    index % 2 == 0 ? .user(text) : .assistant(text),
                    answer: index % 2 == 0
                        ? nil
                        : ImportedAnswer(model: "m", usage: Usage(inputUncached: 9), cost: Picodollars(5)))
            })
    }

    @Test func `One that has grown gets its new messages, and a known one nothing`() async throws {
        let test = try await TestStore()
        let store = test.store
        #expect(
            try await store.importSessions([session(["a"])], from: "f") == [.new(SessionID(1), messages: 1)])
        #expect(try await store.requireSession(SessionID(1)).status == .interrupted)
        #expect(
            try await store.importSessions([session(["a", "b", "c"])], from: "f") == [
                .grown(SessionID(1), messages: 2)
            ])
        #expect(
            try await store.importSessions([session(["a", "b", "c"])], from: "f") == [.known(SessionID(1))])
        #expect(try await store.conversation(of: SessionID(1)).map(\.content) == ["a", "b", "c"])
        #expect(
            try await store.importSessions([session(["a", "x", "c"])], from: "f") == [.changed(SessionID(1))])
        #expect(try await store.importSessions([session(["a"])], from: "f") == [.changed(SessionID(1))])
    }

    @Test func `One that went on here is left as it is`() async throws {
        let test = try await TestStore()
        _ = try await test.store.importSessions([session(["a", "b"])], from: "f")
        let turn = try await test.store.begin(
            TurnDraft(.existing(SessionID(1)), messages: [.user("mine")]), by: try await test.worker())
        try await test.store.close(turn)
        #expect(
            try await test.store.importSessions([session(["a", "b", "c"])], from: "f") == [
                .continuedHere(SessionID(1), missing: 1)
            ])
        #expect(try await test.store.conversation(of: SessionID(1)).map(\.content) == ["a", "b", "mine"])
    }

    @Test func `What was paid elsewhere is shown and on no bill`() async throws {
        let test = try await TestStore()
        _ = try await test.store.importSessions([session(["a", "b"])], from: "f")
        let answer = try #require(try await test.store.importedAnswers(of: SessionID(1)).values.first)
        #expect(answer == ImportedAnswer(model: "m", usage: Usage(inputUncached: 9), cost: Picodollars(5)))
        #expect(try await test.count("SELECT count(*) FROM attempts") == 0)
        #expect(try await test.count("SELECT count(*) FROM usage_rollups") == 0)
        #expect(try await test.damage() == [])
    }

    @Test func `Archived ones come back to what their last message says`() async throws {
        let test = try await TestStore()
        _ = try await test.store.importSessions(
            [session(["a"]), session(["a", "b"], origin: "llm:2")], from: "f")
        try await test.store.archive(SessionID(1))
        #expect(try await test.store.sessions().page.map(\.id) == [SessionID(2)])
        #expect(try await test.store.sessions(SessionQuery(statuses: [.archived])).count == 1)
        try await test.store.unarchive(SessionID(1))
        #expect(try await test.store.requireSession(SessionID(1)).status == .interrupted)
        let (page, count) = try await test.store.sessions(SessionQuery(limit: 1))
        #expect(page.count == 1 && count == 2)
        #expect(page.first?.title == "a")
        #expect(try await test.store.sessions(SessionQuery(model: "nobody")).count == 0)
        #expect(try await test.store.sessions(SessionQuery(isOfJobs: true)).count == 0)
    }
}

/// The first design of llm's log, whose program no longer runs: made by the SQL of its migrations.
struct OldLLMLogTests {
    private func database(_ sql: String) throws -> String {
        let path = try TestStore.makeDirectory() + "/logs.db"
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
        return path
    }

    @Test(
        arguments: [
            """
            CREATE TABLE [log] ([provider] TEXT, [system] TEXT, [prompt] TEXT, [chat_id] TEXT, [response] TEXT,
                [model] TEXT, [timestamp] TEXT);
            INSERT INTO log (provider, model, timestamp, prompt, system, response, chat_id) VALUES
                ('openai', 'gpt-3.5-turbo', '2023-06-01 10:00:00.123456', 'One?', 'Be brief.', 'First.', NULL),
                ('openai', 'gpt-3.5-turbo', '2023-06-01 10:01:00', 'Two?', 'Be brief.', 'Second.', 1),
                ('openai', 'gpt-4', '2023-06-02 10:00:00', 'Alone?', NULL, 'Yes.', NULL);
            """,
            """
            CREATE TABLE "logs" ([id] INTEGER PRIMARY KEY, [model] TEXT, [prompt] TEXT, [system] TEXT,
                [prompt_json] TEXT, [options_json] TEXT, [response] TEXT, [response_json] TEXT,
                [reply_to_id] INTEGER REFERENCES [logs]([id]), [chat_id] INTEGER, [duration_ms] INTEGER, [datetime_utc] TEXT);
            INSERT INTO logs (model, datetime_utc, prompt, system, response, chat_id, duration_ms) VALUES
                ('gpt-3.5-turbo', '2023-06-01 10:00:00.123456', 'One?', 'Be brief.', 'First.', NULL, 5),
                ('gpt-3.5-turbo', '2023-06-01 10:01:00', 'Two?', NULL, 'Second.', 1, 5),
                ('gpt-4', '2023-06-02 10:00:00', 'Alone?', NULL, 'Yes.', NULL, 5);
            """,
        ])
    func `Its chats are told by their first row`(sql: String) throws {
        let file = try LLMLog.read(try database(sql))
        #expect(
            file.sessions.map { $0.messages.map(\.message.content) } == [
                ["One?", "First.", "Two?", "Second."], ["Alone?", "Yes."],
            ])
        #expect(file.sessions.map(\.model.description) == ["openai/gpt-3.5-turbo", "openai/gpt-4"])
        #expect(file.sessions[0].system == "Be brief.")
        #expect(file.sessions[0].createdAt == Timestamp(iso8601: "2023-06-01T10:00:00.123Z"))
        #expect(file.sessions[0].origin == "llm:log:2023-06-01 10:00:00.123456:1")
    }

    @Test func `A database of another program is refused in one sentence`() throws {
        let path = try database("CREATE TABLE t (a)")
        #expect(throws: ImportProblem.self) { try LLMLog.read(path) }
    }

    @Test func `A log that has not been emptied is read, and left as it is`() throws {
        let path = try database(
            """
            PRAGMA journal_mode = wal;
            CREATE TABLE log (system TEXT, prompt TEXT, chat_id TEXT, response TEXT, model TEXT, timestamp TEXT);
            """)
        let queue = try DatabaseQueue(path: path)
        try queue.write {
            try $0.execute(
                sql: "INSERT INTO log (prompt, response, model) VALUES ('In the log?', 'Yes.', 'echo')")
        }
        let file = try LLMLog.read(path)
        #expect(file.sessions.first?.messages.map(\.message.content) == ["In the log?", "Yes."])
        #expect(file.sessions.first?.model.description == "llm/echo")
        try queue.close()
    }
}
