import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct `A budget and a death` {
    @Test func `What was in the air when a run was killed stays in the budget`() async throws {
        // One answer may have 1,000 tokens, at $10 a million: four in the air take more than four of the five cents.
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "60000"])
        try parley.questions(10)
        let program = try parley.start([
            "run", "questions.csv", "-m", "simulator/sim-large", "--max-tokens", "1000", "--concurrency", "8",
            "--budget", "0.05",
        ])
        while try await parley.state()["sent"] != 4 {
            try #require(!program.hasEnded, "the run ended before its time")
        }
        program.signal(SIGKILL)
        #expect(try await program.outcome().status == -SIGKILL)

        let next = try await parley("run questions --budget 0.05 --unknown hold --json")
        #expect(next.status == 3)
        #expect(try next.json["stopped"] == "budget" && next.json["requests"] == 0)
        #expect(next.errors.contains("may yet be charged for requests whose cost nobody has told"))
        #expect(try await parley("db check").status == 0)
    }
}
