import Foundation
import ParleyCore
import Testing

/// One process works on batches, others steer them.
@Suite(.timeLimit(.minutes(5)), .serialized) struct `Steering a run from another process` {
    private static let slow = ["PARLEY_SIMULATE_LATENCY_MS": "40", "PARLEY_SIMULATE_JITTER": "0.2"]

    /// Asks for the status until it is as wanted.
    private func wait(
        for batch: String, of parley: ParleyProgram, running program: RunningProgram,
        until isReached: (JSON) -> Bool
    ) async throws -> JSON {
        while true {
            let state = try await parley.state(of: batch)
            if isReached(state) { return state }
            try Task.checkCancellation()
            try #require(!program.hasEnded, "the run ended before its time: \(program.output)")
        }
    }

    private func count(_ state: JSON, _ name: String) -> Int { state[name]?.intValue ?? 0 }

    @Test func `A run that watches takes what others enqueue, and Ctrl-C ends it with everything kept`()
        async throws
    {
        let parley = try ParleyProgram(Self.slow)
        let program = try parley.start(["run", "--watch", "--json", "--concurrency", "8"])
        try parley.questions(10, in: "first.csv")
        _ = try await parley("enqueue first.csv -m simulator/sim-small")
        _ = try await wait(for: "first", of: parley, running: program) { count($0, "done") == 10 }
        try parley.questions(10, in: "second.csv")
        _ = try await parley("enqueue second.csv -m simulator/sim-large")
        _ = try await wait(for: "second", of: parley, running: program) { count($0, "done") == 10 }
        program.signal(SIGINT)
        let outcome = try await program.outcome()
        #expect(outcome.status == 130)
        #expect(try outcome.json["done"] == 20 && outcome.json["stopped"] == "signal")
        #expect(try await parley("db check").status == 0)
    }

    @Test func `A paused batch stands still while another goes on, and goes on when it is unpaused`()
        async throws
    {
        let parley = try ParleyProgram(Self.slow)
        try parley.questions(400, in: "held.csv")
        try parley.questions(400, in: "free.csv")
        for name in ["held", "free"] { _ = try await parley("enqueue \(name).csv -m simulator/sim-small") }
        let program = try parley.start(["run", "--json", "--concurrency", "8"])
        _ = try await wait(for: "held", of: parley, running: program) { count($0, "done") >= 20 }
        #expect(try await parley("pause held").status == 0)
        // Whatever was in the air at the pause is finished before so many of the other batch are.
        _ = try await wait(for: "held", of: parley, running: program) { count($0, "sent") == 0 }
        let still = try await parley.state(of: "held")
        #expect(still["state"] == "paused" && count(still, "leased") == 0)
        _ = try await wait(for: "free", of: parley, running: program) { count($0, "done") == 400 }
        #expect(try await count(parley.state(of: "held"), "done") == count(still, "done"))

        #expect(try await parley("unpause held").status == 0)
        let outcome = try await program.outcome()
        #expect(outcome.status == 0)
        #expect(try outcome.json["done"] == 800)
    }

    @Test func `A cancelled batch ends the run that works on it, with its answers kept`() async throws {
        let parley = try ParleyProgram(Self.slow)
        try parley.questions(500)
        let program = try parley.start(
            ["run", "questions.csv", "-m", "simulator/sim-small", "--concurrency", "4", "--json"])
        try await parley.waitUntil(done: 20, running: program)
        #expect(try await parley("cancel questions").status == 0)
        let outcome = try await program.outcome()
        #expect(outcome.status == 0)
        let state = try await parley.state()
        #expect(count(state, "done") + count(state, "cancelled") == 500)
        #expect(try outcome.json["done"]?.intValue == count(state, "done"))
        #expect(try await parley("db check").status == 0)
    }

    @Test func `A batch keeps its limits, and a later run by its name knows them`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "1"])
        try parley.questions(3)
        try parley.file(
            "paced.yaml",
            """
            input: questions.csv
            batch: paced
            model: simulator/sim-small
            limits: {concurrency: 2, rpm: 1}
            budget_usd: 0.5
            timeout: 5m
            deadline: 2h
            """)
        #expect(try await parley("enqueue paced.yaml").status == 0)
        let run = try await parley("run paced --limit-timeout 2 --json")
        #expect(run.status == 3)
        #expect(try run.json["waiting"]?.intValue ?? 0 >= 2)
        #expect(run.errors.contains("--budget"))
    }

    @Test func `What is not sent by its deadline fails of it, and exits with status 2`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(4)
        let run = try await parley(
            "run questions.csv -m simulator/sim-small --deadline 2020-01-01T00:00Z --json")
        #expect(run.status == 2)
        #expect(try run.json["failed"] == 4 && run.json["requests"] == 0)
        let answer = try #require(try await parley("results questions").lines.first)
        #expect(answer["error"]?["kind"] == "deadline")
        #expect(try await parley("retry questions --json").json["queued"] == 4)
        #expect(try await parley("run questions --json").json["done"] == 4)
        #expect(try await parley("run questions.csv --deadline soon").status == 64)
    }
}
