import Foundation
import OrderedCollections
import ParleyCore
import Testing

/// What a run says on standard error, to people and to programs.
@Suite(.timeLimit(.minutes(3))) struct `Talk of a run` {
    @Test func `With --log json every line is an event, and the last one is the object of --json`()
        async throws
    {
        let parley = try ParleyProgram()
        try parley.questions(20)
        let run = try await parley("run questions.csv -m simulator/sim-small --log json --json")
        #expect(run.status == 0)
        let lines = try run.errors.split(separator: "\n").map { try JSON(parsing: String($0)) }
        let names = lines.compactMap { $0["event"]?.stringValue }
        #expect(names.count == lines.count)
        #expect(names.prefix(2) == ["message", "run.started"])
        #expect(names.filter { $0 == "job.answered" }.count == 20)
        let last = try #require(lines.last)
        for (name, value) in try #require(try run.json.objectValue) {
            #expect(last[name] == value, "\(name)")
        }
        #expect(!run.errors.contains("What is"))
    }

    @Test func `An error is an event as well, by the variable and before a command is known`() async throws {
        let parley = try ParleyProgram(["PARLEY_LOG": "json"])
        let missing = try await parley("status nothing")
        #expect(try JSON(parsing: missing.errors)["event"] == "error")
        #expect(missing.status == 1)
        let wrong = try await parley("--log json run --nonsense")
        #expect(wrong.status == 64)
        #expect(try JSON(parsing: wrong.errors)["message"]?.stringValue?.contains("--nonsense") == true)
    }

    @Test func `A closed terminal stops a run like Ctrl-C, with the status of its own`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "60"])
        try parley.questions(300)
        let program = try parley.start(
            ["run", "questions.csv", "-m", "simulator/sim-small", "--concurrency", "3", "--json"])
        try await parley.waitUntil(done: 20, running: program)
        program.signal(SIGHUP)
        let stopped = try await program.outcome()
        #expect(stopped.status == 129)
        #expect(try stopped.json["stopped"] == "signal" && stopped.json["unknown"] == 0)
        #expect(stopped.errors.contains("because the terminal was closed; everything is kept"))
        #expect(try await parley("db check").status == 0)
    }

    @Test func `Asked by SIGUSR1 a run says where it stands and goes on`() async throws {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "60"])
        try parley.questions(600)
        let program = try parley.start(
            ["run", "questions.csv", "-m", "simulator/sim-small", "--concurrency", "8", "-q"])
        try await parley.waitUntil(done: 20, running: program)
        program.signal(SIGUSR1)
        let run = try await program.outcome()
        #expect(run.status == 0)
        #expect(run.errors.firstMatch(of: #/^\d+ of 600 finished · \d+ running · /#) != nil, "\(run.errors)")
    }
}
