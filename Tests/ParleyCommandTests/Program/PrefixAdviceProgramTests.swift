import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(2)), .serialized) struct `Words about what caches keep` {
    private static let rules =
        "You are a support agent." + String(repeating: " A rule of the house.", count: 300)

    @Test func `A variable before long rules is told with its place and the saving, once`() async throws {
        let parley = try ParleyProgram()
        try parley.file("tickets.csv", "id,ticket\n" + (1...50).map { "t\($0),ticket \($0)\n" }.joined())
        let words = ["tickets.csv", "-m", "openai/gpt-5.4-mini", "-p", "{{ticket}}\n\(Self.rules)"]
        let dry = try await parley.start(["enqueue", "--dry-run", "--json"] + words).outcome()
        #expect(try dry.json["warnings"]?.arrayValue?.count == 2)

        let first = try await parley.start(["enqueue"] + words).outcome()
        #expect(first.status == 0)
        #expect(
            first.errors.contains(
                "{{ticket}} stands at line 1, column 1 of the prompt template, before about 1,582 tokens"))
        #expect(
            first.errors.contains(
                #"In the system prompt or at the front ("You are a support agent. A rule of the…", "#
                    + "then <ticket>{{ticket}}</ticket>) they would make these 50 jobs up to $0.0"))
        let again = try await parley.start(["enqueue", "--json"] + words).outcome()
        #expect(try again.json["new"] == 0 && again.json["warnings"] == [])
    }

    @Test func `A random id in the system prompt is told, a good layout is not`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(3)
        let words = ["enqueue", "questions.csv", "-m", "simulator/sim-small", "--json"]
        let marked = try await parley.start(
            words + ["-b", "one", "-s", "Session 3f2504e0-4f89-41d3-9a0c-0305e82c3301. Be brief."]
        ).outcome()
        #expect(
            try marked.json["warnings"] == [
                """
                The system prompt has what looks like a random id in it, '3f2504e0-4f89-41d3-9a0c-0305e82c3301' (line 1, \
                column 9): it is the same for all rows of this batch; for a batch that has another one, a cache keeps only \
                what stands before it.
                """
            ])
        let good = try await parley.start(words + ["-b", "two", "-s", "Be brief."]).outcome()
        #expect(try good.json["warnings"] == [])
    }
}
