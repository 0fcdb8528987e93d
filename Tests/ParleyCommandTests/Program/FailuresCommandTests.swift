import Foundation
import GRDB
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Failed requests` {
    private static let refusal =
        #"{"error":{"message":"Your prompt is odd.","type":"invalid_request_error","code":"odd"}}"#

    /// A home in which two jobs have failed, and the server that refused them.
    private func failed() async throws -> (parley: ParleyProgram, server: LoopbackServer) {
        let server = try LoopbackServer(status: "400 Bad Request", answer: Self.refusal)
        let parley = try ParleyProgram(["OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "sk-secret-key"])
        try parley.file("odd.csv", "id,text\nq1,\"It's \"\"odd\"\"\"\nq2,\"Two\nlines, 100 % $HOME\"\n")
        let run = try await parley("run odd.csv -m openai/gpt-5.4-mini -p @summarize --concurrency 1")
        #expect(run.status == 2)
        #expect(run.errors.contains("parley failures list -b odd"))
        return (parley, server)
    }

    @Test func `They are listed, counted and shown`() async throws {
        let (parley, _) = try await failed()
        let list = try await parley("failures list --batch odd --since 1h --json").json
        #expect(list["count"] == 2)
        #expect(list["failures"]?.arrayValue?.map { $0["job"] } == ["q2", "q1"])
        #expect(list["by_kind"]?.arrayValue?.map { $0["kind"] } == ["rejected"])
        let text = try await parley("failures list --kind rejected --limit 1")
        #expect(
            text.output.contains("Your prompt is odd.") && text.output.contains("asking again would not help")
        )
        #expect(try await parley("failures list --kind overloaded").output.isEmpty)

        let id = try #require(list["failures"]?.arrayValue?.last?["id"]?.intValue)
        let shown = try await parley("failures show \(id)")
        for words in [
            "rejected: asking again would not help", "q1 of odd, now failed", "1 of 1", "HTTP 400, odd",
            "Your prompt is odd.", "1 message", "It's \\\"odd\\\"", "Bearer $OPENAI_API_KEY",
        ] {
            #expect(shown.output.contains(words), "\(words) is missing in \(shown.output)")
        }
        #expect(!shown.output.contains("secret"))
        let detail = try await parley("failures show \(id) --json").json
        #expect(
            detail["advice"] == "give up" && detail["attempt"] == 1 && detail["estimate_method"] == "chars/4")
        #expect(detail["request"]?["model"] == "gpt-5.4-mini")
        #expect(detail["response"]?.stringValue == Self.refusal)
    }

    @Test(.enabled(if: Shell.hasCurl, "needs curl"))
    func `The curl command can be piped into a shell and sends the same bytes again`() async throws {
        let (parley, server) = try await failed()
        for id in [1, 2] {
            let command = try await parley("failures show \(id) --curl")
            #expect(command.errors.isEmpty && command.output.hasPrefix("curl "))
            let outcome = try await Shell.run(command.output, ["OPENAI_API_KEY": "sk-other"])
            #expect(outcome.output == Self.refusal, "\(outcome.errors)")
        }
        let requests = server.requests
        #expect(requests.count == 4)
        #expect(requests[2].body == requests[0].body && requests[3].body == requests[1].body)
        #expect(requests[2].head.contains("authorization: Bearer sk-other\r\n"))
    }

    @Test func `They are thrown away by count and by age`() async throws {
        let (parley, _) = try await failed()
        #expect(try await parley("failures prune --older-than 1h --json").json == ["pruned": 0, "kept": 2])
        #expect(try await parley("failures prune").errors == "0 failed requests thrown away, 2 kept.\n")
        #expect(
            try await parley("failures prune --keep 1").errors == "1 failed request thrown away, 1 kept.\n")
        #expect(try await parley("failures prune --keep 0 --json").json == ["pruned": 1, "kept": 0])
        #expect(try await parley("failures list").errors == "No request has failed.\n")
    }

    @Test func `A run throws away what is too old at its end, and does not fail when it cannot`() async throws
    {
        let (parley, _) = try await failed()
        let path = parley.home.appending(path: ".local/share/parley/parley.db").path
        func tamper(_ sql: String) throws {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: sql) }
            try queue.close()
        }
        try parley.questions(1)
        try tamper(
            """
            UPDATE failed_requests SET failed_at = 1 WHERE attempt_id = 1;
            CREATE TRIGGER kept BEFORE DELETE ON failed_requests BEGIN SELECT RAISE(ABORT, 'no'); END
            """)
        let run = try await parley("run questions.csv -m simulator/sim-small")
        #expect(run.status == 0)
        #expect(run.errors.contains("old failed requests could not be pruned"))
        try tamper("DROP TRIGGER kept")
        #expect(try await parley("run questions").status == 0)
        #expect(try await parley("failures list --json").json["count"] == 1)
    }

    @Test func `What is asked wrongly is said`() async throws {
        let (parley, _) = try await failed()
        let missing = try await parley("failures show 99")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("there is no failure 99, or none any more"))
        #expect(try await parley("failures list --kind odd").status == 64)
        #expect(try await parley("failures list --limit 0").status == 64)
        #expect(try await parley("failures prune --older-than soon").status == 64)
        #expect(try await parley("failures show 1 --curl --json").status == 64)
        #expect(try await parley("failures list --batch od").errors.contains("did you mean 'odd'?"))
    }

    @Test func `What no wire has seen cannot be repeated, and that is said`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_ERROR_RATE": "1", "PARLEY_SIMULATE_FAULT": "500"])
        try parley.questions(1)
        _ = try await parley("run questions.csv -m simulator/sim-small --max-attempts 1")
        let command = try await parley("failures show 1 --curl")
        let body = try await parley("failures show 1 --json").json["request"]
        if body == "" {
            #expect(command.status == 1)
            #expect(command.errors.contains("there is nothing to repeat"))
        } else {
            #expect(command.output.contains("http://127.0.0.1:8377"))
        }
    }
}
