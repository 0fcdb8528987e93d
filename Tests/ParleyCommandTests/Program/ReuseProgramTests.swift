import Foundation
import OrderedCollections
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct `Rows that ask the same` {
    private static let model = ["-m", "simulator/sim-small", "--max-tokens", "50"]

    /// Each question in so many rows, with ids and notes of their own.
    private func repeated(_ count: Int, times: Int, in parley: ParleyProgram, as name: String) throws {
        let rows = (1...times).flatMap { time in
            (1...count).map { "q\($0)-\(time),note \(time),What is \($0) + 1?\n" }
        }
        try parley.file(name, "id,note,prompt\n" + rows.joined())
    }

    @Test func `With --collapse they are one request, and the bill, the marks and the report say so`()
        async throws
    {
        let parley = try ParleyProgram()
        try repeated(5, times: 6, in: parley, as: "many.csv")
        let run = try await parley.start(["run", "many.csv", "--collapse", "--json"] + Self.model).outcome()
        #expect(run.status == 0)
        #expect(try run.json["done"] == 30 && run.json["requests"] == 5 && run.json["reused"] == 25)
        #expect(run.errors.contains("reused   25 answers, for identical rows; they would have cost $"))

        let answers = try await parley("results many").lines
        #expect(answers.map { $0["input"]?["note"] == nil } == Array(repeating: false, count: 30))
        #expect(answers.allSatisfy { $0["state"] == "done" && $0["answer"]?.stringValue?.isEmpty == false })
        let copies = answers.filter { $0["reused"] == true }
        #expect(copies.count == 25 && copies.allSatisfy { $0["cost_usd"] == "0.00" })
        let table = try await parley("results many --format csv").output
        #expect(table.split(separator: "\r\n").first?.hasSuffix(",error,reused") == true)

        let report = try await parley("report cost --json").json
        #expect(report["reused"]?["answers"] == 25 && report["reused"]?["collapsed"] == 25)
        #expect(report["total"]?["requests"] == 5)
        #expect(try report["total"]?["cost_usd"] == run.json["cost_usd"])
        #expect(try await parley("report").output.contains("Reused    25 answers, for identical rows;"))
        #expect(try await parley.state(of: "many")["done"] == 30)
        #expect(try await parley("db check").status == 0)
    }

    @Test func `With --reuse a batch put together anew pays for what is new in it`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(20)
        #expect(try await parley.start(["run", "questions.csv"] + Self.model).outcome().status == 0)
        try parley.questions(25, in: "later.csv")
        let run = try await parley.start(["run", "later.csv", "--reuse", "--json"] + Self.model).outcome()
        #expect(try run.json["done"] == 25 && run.json["requests"] == 5 && run.json["reused"] == 20)
        let nothing = try await parley("run later --reuse --json")
        #expect(try nothing.json["requests"] == 0 && nothing.json["reused"] == 0)

        // Without a word everything is asked.
        try parley.questions(25, in: "again.csv")
        let again = try await parley.start(["run", "again.csv", "--json"] + Self.model).outcome()
        #expect(try again.json["requests"] == 25)
        #expect(try await parley("db check").status == 0)
    }

    @Test func `A job file keeps the choice with the batch, and a variable that says 0 overrules it`()
        async throws
    {
        let parley = try ParleyProgram()
        try repeated(2, times: 3, in: parley, as: "many.csv")
        let sheet = "input: many.csv\nmodel: simulator/sim-small\ncollapse: true\n"
        try parley.file("one.yaml", sheet + "batch: one\n")
        try parley.file("two.yaml", sheet + "batch: two\n")
        #expect(try await parley("enqueue one.yaml").status == 0)
        #expect(try await parley("run one --json").json["requests"] == 2)
        let loud = try ParleyProgram(["PARLEY_COLLAPSE": "0"])
        try repeated(2, times: 3, in: loud, as: "many.csv")
        try loud.file("two.yaml", sheet + "batch: two\n")
        #expect(try await loud("run two.yaml --json").json["requests"] == 6)
    }

    @Test func `Killed again and again, every row has its answer and none is billed twice`() async throws {
        let parley = try ParleyProgram([
            "PARLEY_SIMULATE_LATENCY_MS": "300", "PARLEY_SIMULATE_JITTER": "0.5",
        ])
        try repeated(120, times: 5, in: parley, as: "questions.csv")
        _ = try await parley.start(["enqueue", "questions.csv"] + Self.model).outcome()
        var done = 0
        // Far enough from the end that no run comes to it between the look and the kill.
        for _ in 1...5 where done < 300 {
            let program = try parley.start(["run", "questions", "--collapse", "--concurrency", "8", "-q"])
            try await parley.waitUntil(done: done + 60, running: program)
            program.signal(SIGKILL)
            #expect(try await program.outcome().status == -SIGKILL)
            let now = try await parley.done()
            #expect(now >= done + 60, "an answer was lost")
            done = now
        }
        let last = try await parley("run questions --collapse --json")
        #expect(last.status == 0)

        let answers = try await parley("results questions").lines
        #expect(answers.count == 600)
        for answer in answers {
            let number = answer["custom_id"]?.stringValue?.dropFirst().prefix { $0 != "-" } ?? ""
            #expect(answer["answer"]?.stringValue?.contains("\((Int(number) ?? 0) + 1)") == true)
        }
        let report = try await parley("report cost --json").json
        #expect(report["total"]?["requests"] == 120 && report["reused"]?["answers"] == 480)
        let bill = answers.compactMap { $0["cost_usd"]?.stringValue.flatMap { Picodollars(dollars: $0) } }
            .reduce(Picodollars.zero, +)
        #expect(report["total"]?["cost_usd"]?.stringValue == bill.dollars)
        #expect(try await parley("db check").status == 0)
    }
}
