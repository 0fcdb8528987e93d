import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Sessions at the command line` {
    private static let chat = """
        {"title": "Sums", "model": "simulator/sim-small", "messages": [{"role": "user", "content": "What is 1 + 1?"}, \
        {"role": "assistant", "content": "It is 2.\\n```\\ncode\\n```"}]}
        {"messages": [{"role": "user", "content": "When?"}, {"role": "assistant", "content": "", "tool_calls": \
        [{"id": "a", "type": "function", "function": {"name": "clock", "arguments": "{}"}}]}]}

        """

    private func home() async throws -> ParleyProgram {
        let parley = try ParleyProgram()
        try parley.file("chat.jsonl", Self.chat)
        let outcome = try await parley("sessions import chat.jsonl -m simulator/sim-large")
        #expect(
            outcome.status == 0 && outcome.errors.contains("2 sessions, 4 messages new."), "\(outcome.errors)"
        )
        return parley
    }

    @Test func `They are listed, shown, renamed and put away`() async throws {
        let parley = try await home()
        let list = try await parley("sessions list --json").json
        #expect(list["count"] == 2)
        #expect(
            list["sessions"]?.arrayValue?.compactMap { $0["model"]?.stringValue }.sorted() == [
                "simulator/sim-large", "simulator/sim-small",
            ])
        #expect(try await parley("sessions list --interrupted").output.contains("When?"))
        let shown = try await parley("sessions show 2").output
        #expect(shown.contains("parley tool-result 1 --content …") && shown.contains("parley resume 2"))
        #expect(try await parley("sessions show 1").output.contains("#1 simulator/sim-small"))
        #expect(
            try await parley("sessions show 1 --last 1").output.contains(
                "… 1 earlier message; --all shows it"))
        #expect(try await parley("sessions show 1 --markdown").output.contains("# Sums\n"))
        #expect(try await parley("sessions rename 1", "New name").status == 0)
        #expect(try await parley("sessions archive 1").status == 0)
        #expect(try await parley("sessions list --archived").output.contains("New name"))
        #expect(try await parley("sessions unarchive 1").status == 0)
        let unknown = try await parley("sessions show 77")
        #expect(unknown.status == 1 && unknown.errors.contains("there is no session 77"), "\(unknown.errors)")
    }

    @Test func `A fork, an export and its import elsewhere`() async throws {
        let parley = try await home()
        #expect(try await parley("sessions fork 1 --at 0 --json").json["messages"] == 1)
        #expect(try await parley("sessions export --all -O all.jsonl").status == 0)
        #expect(try parley.text(of: "all.jsonl").split(separator: "\n").count == 3)
        let again = try await parley("sessions import all.jsonl --json").json
        #expect(again["new"] == 0 && again["known"] == 3)
        let other = try await parley("sessions import all.jsonl --database other.db --json").json
        #expect(other["new"] == 3 && other["messages"] == 5)
        let twice = try await parley("sessions import all.jsonl chat.jsonl --database other.db --json").json
        #expect(twice["known"] == 3 && twice["new"] == 2)
        #expect(try await parley("db check --database other.db").status == 0)
    }

    @Test func `Of a file with a bad line nothing is taken, unless it is left out`() async throws {
        let parley = try ParleyProgram()
        try parley.file("bad.jsonl", Self.chat + "{\"messages\": 7}\n")
        let refused = try await parley("sessions import bad.jsonl")
        #expect(refused.status == 1 && refused.errors.contains("bad.jsonl, line 3: "), "\(refused.errors)")
        #expect(!parley.exists(".local/share/parley/parley.db"))
        let taken = try await parley("sessions import bad.jsonl --skip-bad --json").json
        #expect(taken["new"] == 2 && taken["left_out"] == 1)
    }

    @Test func `A job's conversation is listed with its batch and goes on in a fork`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(1)
        #expect(try await parley("run questions.csv -m simulator/sim-small").status == 0)
        let list = try await parley("sessions list --jobs").output
        #expect(list.contains("questions") && list.contains("q1"))
        #expect(try await parley("sessions list").output.isEmpty)
        let fork = try await parley("sessions fork 1")
        #expect(fork.output == "2\n")
        #expect(try await parley("sessions archive 1").errors.contains("belongs to a batch's job"))
        #expect(try await parley("db check").status == 0)
    }
}
