import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct `Stops and deaths` {
    private static let slow = ["PARLEY_SIMULATE_LATENCY_MS": "60", "PARLEY_SIMULATE_JITTER": "0.5"]

    @Test func `Ctrl-C lets the requests in the air finish, and the same command goes on`() async throws {
        let parley = try ParleyProgram(Self.slow)
        try parley.questions(300)
        let program = try parley.start(
            ["run", "questions.csv", "-m", "simulator/sim-small", "--concurrency", "4", "--json"])
        try await parley.waitUntil(done: 20, running: program)
        program.signal(SIGINT)
        let stopped = try await program.outcome()
        #expect(stopped.status == 130)
        #expect(try stopped.json["stopped"] == "signal")
        #expect(try stopped.json["unknown"] == 0)
        let done = try #require(try stopped.json["done"]?.intValue)
        let waiting = try #require(try stopped.json["waiting"]?.intValue)
        #expect(done + waiting == 300)
        #expect(stopped.errors.contains("next     parley run questions --concurrency 4"))

        let rest = try await parley("run questions --concurrency 64 --json")
        #expect(rest.status == 0)
        #expect(try rest.json["done"]?.intValue == waiting)
        #expect(try rest.json["requests"]?.intValue == waiting)
        #expect(try await parley("db check").status == 0)
    }

    @Test func `A wait for limits beyond the limit timeout ends the run and keeps its jobs`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "1"])
        try parley.questions(5)
        let run = try await parley(
            "run questions.csv -m simulator/sim-small --rpm 1 --limit-timeout 5 --json")
        #expect(run.status == 3)
        #expect(try run.json["stopped"] == "providers" && run.json["failed"] == 0)
        #expect(try (run.json["waiting"]?.intValue ?? 0) + (run.json["done"]?.intValue ?? 0) == 5)
        #expect(run.errors.contains("longer than the 5 s that a request may wait"))
    }

    @Test func `A second Ctrl-C ends at once, and SIGTERM has its own status`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "60000"])
        try parley.questions(10)
        let program = try parley.start(["run", "questions.csv", "-m", "simulator/sim-small", "--json"])
        while try await parley.state()["sent"] != 10 {
            try #require(!program.hasEnded, "the run ended before its time")
        }
        program.signal(SIGTERM)
        program.signal(SIGTERM)
        // Two signals that come together may be one to the kernel; another one does no harm.
        while !program.hasEnded, try await parley.state()["sent"] != 0 { program.signal(SIGTERM) }
        let stopped = try await program.outcome()
        #expect(stopped.status == 143)
        #expect(try stopped.json["done"] == 0)
        #expect(try await parley("db check").status == 0)
        let state = try await parley.state()
        #expect((state["waiting"]?.intValue ?? 0) + (state["unknown"]?.intValue ?? 0) == 10)
    }

    @Test func `Killed five times, a run still answers everything once and the books are right`() async throws
    {
        let parley = try ParleyProgram(Self.slow)
        let concurrency = 16
        try parley.questions(400)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small")
        var done = 0
        for _ in 1...5 {
            let program = try parley.start(["run", "questions", "--concurrency", String(concurrency), "-q"])
            try await parley.waitUntil(done: done + 25, running: program)
            program.signal(SIGKILL)
            #expect(try await program.outcome().status == -SIGKILL)
            let now = try await parley.done()
            #expect(now >= done + 25, "an answer was lost")
            done = now
        }
        let last = try await parley("run questions --concurrency 64 --json")
        #expect(last.status == 0)

        let answers = try await parley("results questions").lines
        #expect(answers.count == 400)
        for (index, answer) in answers.enumerated() {
            #expect(answer["custom_id"]?.stringValue == "q\(index + 1)")
            #expect(answer["answer"]?.stringValue?.contains("\(index + 2)") == true)
        }
        let status = try await parley.state()
        #expect(status["done"] == 400)
        // Whatever was asked twice was in the air at a kill.
        #expect((status["asked_again"]?.intValue ?? .max) <= 5 * concurrency)
        #expect(status["requests"]?.intValue ?? 0 >= 400)
        let check = try await parley("db check --json")
        #expect(check.status == 0)
        #expect(try check.json["ok"] == true)
    }
}
