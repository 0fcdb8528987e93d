import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `From a spreadsheet to a report` {
    @Test func `Two commands make answers of a spreadsheet`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(20)

        let run = try await parley("run questions.csv -m simulator/sim-small")
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("questions: 20 new, 0 known"))
        #expect(run.errors.contains("20 done"))
        #expect(run.errors.contains("the answers are simulated"))

        let results = try await parley("results questions -O answers.csv")
        #expect(results.status == 0)
        let table = try parley.text(of: "answers.csv").split(whereSeparator: \.isNewline)
        try #require(table.count == 21)
        #expect(table.first?.hasPrefix("id,prompt,answer,state") == true)
        #expect(table[1].hasPrefix("q1,What is 1 + 1?,The answer is 2.,done,simulator/sim-small"))
    }

    @Test func `The same run again asks nothing, and the report counts every request once`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(10)
        let first = try await parley("run questions.csv -m simulator/sim-small --json")
        let again = try await parley("run questions.csv -m simulator/sim-small --json")
        #expect(try first.json["done"] == 10)
        #expect(try first.json["stopped"] == .null)
        #expect(try first.json["simulated"] == true)
        #expect(again.status == 0)
        #expect(try again.json["requests"] == 0)

        let report = try await parley("report cost --by model,batch --json")
        #expect(try report.json["total"]?["requests"] == 10)
        #expect(try report.json["rows"]?.arrayValue?.first?["model"] == "simulator/sim-small")
        #expect(try report.json["total"]?["cost_usd"] == first.json["cost_usd"])
        for kind in ["overview", "cost", "cache"] {
            #expect(try await parley("report \(kind)").output.contains("simulator/sim-small"))
            #expect(
                try await parley("report \(kind) --format csv").output.contains("simulator/sim-small,10,"))
        }
        #expect(try await parley("db check").output.contains("sound"))
    }

    @Test func `Enqueueing says what is new, and a dry run stores nothing`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(5)
        let dry = try await parley("enqueue questions.csv -m simulator/sim-small --dry-run --json")
        #expect(try dry.json["jobs"] == 5)
        #expect(try await parley("status --json").json == [])
        let first = try await parley("enqueue questions.csv -m simulator/sim-small --json")
        #expect(
            try first.json == [
                "batch": "questions", "new": 5, "known": 0, "invalid": 0, "jobs": 5, "warnings": [],
            ])
        let again = try await parley("enqueue questions.csv -m simulator/sim-small --json")
        #expect(try again.json["known"] == 5)
    }

    @Test func `Jobs come from standard input, and the prompt from a template`() async throws {
        let parley = try ParleyProgram()
        let run = try await parley(
            "run - --format jsonl -b pipe -m simulator/sim-small -p", "What is {{a}} + {{b}}?",
            input: "{\"id\":\"x\",\"a\":3,\"b\":4}\n")
        #expect(run.status == 0)
        let answer = try #require(try await parley("results pipe").lines.first)
        #expect(answer["custom_id"] == "x")
        #expect(answer["answer"]?.stringValue?.contains("7") == true)
        #expect(answer["input"] == ["id": "x", "a": 3, "b": 4])
        #expect(answer["error"] == .null)
    }

    @Test func `Results leave unfinished jobs out, unless they are asked for`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(3)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small")
        let finished = try await parley("results questions")
        #expect(finished.output.isEmpty)
        #expect(finished.errors.contains("3 jobs of questions are not finished and left out"))
        #expect(
            try await parley("results questions --partial").lines.map { $0["state"] } == [
                "waiting", "waiting", "waiting",
            ])
    }

    @Test func `A batch can be paused, cancelled and taken up again`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(4)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small")
        #expect(try await parley("pause questions --json").json["batch"] == "questions")
        #expect(try await parley("run questions --json").json["requests"] == 0)
        #expect(try await parley("unpause questions").status == 0)
        #expect(try await parley("cancel questions --json").json["cancelled"] == 4)
        #expect(try await parley("status questions --json").json.arrayValue?.first?["cancelled"] == 4)
    }

    @Test func `Failed jobs are reported with status 2 and can be tried again`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_ERROR_RATE": "1"])
        try parley.questions(2)
        let run = try await parley("run questions.csv -m simulator/sim-small --max-attempts 1 --json")
        #expect(run.status == 2)
        #expect(try run.json["failed"] == 2)
        #expect(run.errors.contains("failed   q"))
        #expect(try await parley("retry questions --json").json["queued"] == 2)
        let answer = try #require(try await parley("results questions --partial").lines.first)
        #expect(answer["state"] == "waiting")
    }

    @Test func `Prices are listed, shown and imported`() async throws {
        let parley = try ParleyProgram()
        try parley.file(
            "prices.json",
            """
            {"sample_spec": {}, "lab/new": {"litellm_provider": "lab", "mode": "chat", "input_cost_per_token": "1e-06",
             "output_cost_per_token": 2e-06}}
            """)
        #expect(try await parley("prices list gpt-5.4-mini").output.contains("openai/gpt-5.4-mini"))
        #expect(try await parley("prices import prices.json --json").json["prices"] == 1)
        let shown = try await parley("prices show lab/new --json")
        #expect(try shown.json.arrayValue?.first?["input_usd"] == "0.000001")
        #expect(try shown.json.arrayValue?.first?["source"] == "prices.json")
        #expect(try await parley("prices show lab/newer").errors.contains("did you mean lab/new?"))
    }

    @Test func `The database is backed up, measured and vacuumed`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(3)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small -d jobs.db")
        #expect(try await parley("db backup copy.db -d jobs.db").status == 0)
        #expect(try await parley("status -d copy.db --json").json.arrayValue?.first?["waiting"] == 3)
        #expect(try await parley("db stats -d jobs.db --json").json["file_bytes"]?.intValue ?? 0 > 0)
        #expect(try await parley("db vacuum -d jobs.db").status == 0)
        #expect(try await parley("db migrate -d jobs.db").output.contains("0001-"))
        #expect(try await parley("db backup copy.db -d jobs.db").status == 1)
    }

    @Test func `A served simulator answers as the one in process does`() async throws {
        let home = try ParleyProgram()
        let (server, url) = try await home.simulator("--key", "right")
        let parley = try ParleyProgram(["SIMULATOR_BASE_URL": url, "SIMULATOR_API_KEY": "right"])
        try parley.questions(8)
        let run = try await parley("run questions.csv -m simulator/sim-small --json")
        #expect(run.status == 0)
        #expect(try run.json["done"] == 8)
        #expect(try run.json["simulated"] == true)
        server.signal(SIGTERM)
        #expect(try await server.outcome().status == 0)
    }

    @Test func `Faults of every kind are retried, and the books stay right`() async throws {
        let home = try ParleyProgram()
        let (server, url) = try await home.simulator(
            "--error-rate", "0.3", "--fault", "500", "--fault", "empty", "--fault", "malformed", "--fault",
            "cut")
        let parley = try ParleyProgram(["SIMULATOR_BASE_URL": url])
        try parley.questions(30)
        let run = try await parley("run questions.csv -m simulator/sim-small --json")
        #expect(run.status == 0)
        #expect(try run.json["done"] == 30)
        #expect(try run.json["retries"]?.intValue ?? 0 > 0)
        let check = try await parley("db check")
        #expect(check.status == 0, "\(check.output)")
        let report = try await parley("report cost --json")
        #expect(try report.json["total"]?["requests"] == run.json["requests"])
        #expect(try report.json["total"]?["cost_usd"] == run.json["cost_usd"])
        server.signal(SIGTERM)
        _ = try await server.outcome()
    }
}
