import ConversationStore
import ParleyCore
import Testing

@testable import parley

@Suite struct `What is said on leaving` {
    private func lines(_ change: (inout Farewell) -> Void) -> [String] {
        var farewell = Farewell(
            questions: 3, answers: 2, usage: Usage(inputUncached: 300, cacheRead: 900, output: 45),
            cost: Picodollars(dollars: "0.0123") ?? .zero, session: SessionID(12))
        change(&farewell)
        return farewell.lines(TextStyle(isColored: false))
    }

    @Test func `It tells of questions, tokens, money and how to go on`() {
        #expect(
            lines { _ in } == [
                "chat     3 questions, 2 answers",
                "tokens   1,200 in, 900 of them from a cache (75.0 %); 45 out", "cost     $0.0123",
                "next     parley chat --session 12",
            ])
    }

    @Test func `What has no price, and what was stopped, is named`() {
        #expect(
            lines {
                $0.unpriced = 1
                $0.unknown = 2
            }.contains("cost     $0.0123 + 1 unpriced + 2 stopped answers of unknown cost"))
        #expect(
            lines {
                $0 = Farewell(questions: 1, unknown: 1, session: SessionID(3))
            } == [
                "chat     1 question, 0 answers", "cost     1 stopped answer of unknown cost",
                "next     parley chat --session 3",
            ])
    }

    @Test func `The command names the database and the settings that were given`() {
        let line = lines {
            $0.database = "my talks.db"
            $0.config = "c.yaml"
        }.last
        #expect(line == "next     parley chat --session 12 --config c.yaml --database 'my talks.db'")
        #expect(Farewell().lines(TextStyle(isColored: false)) == [])
    }
}
