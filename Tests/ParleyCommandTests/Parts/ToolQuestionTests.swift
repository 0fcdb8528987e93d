import Conversations
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore
@testable import parley

@Suite struct `The question before a tool is run` {
    private func call(_ arguments: JSONObject, startedAt: Timestamp? = nil) -> StoredCall {
        StoredCall(
            id: ToolCallID(7), session: SessionID(3),
            call: ToolCall(id: "c", name: "mail", arguments: .parsed(arguments)), state: .pending,
            result: nil, isError: false, startedAt: startedAt)
    }

    private let tool = CommandTool(
        ToolDefinition(name: "mail", summary: "Sends mail.", parameters: ["type": "object"]),
        command: ["mail", "-s", "from me", "it's"])

    @Test func `Shows the command and the arguments`() {
        let text = ToolQuestion.text(
            call(["to": ["ann", "bob"], "body": ["text": "hello", "size": 1], "none": [:]]), tool: tool,
            width: 80)
        #expect(
            text == """
                The model asks for 'mail', call 7. It would run
                    mail -s 'from me' 'it'\\''s'
                and give it on its standard input
                    {
                      "to": [
                        "ann",
                        "bob"
                      ],
                      "body": {
                        "text": "hello",
                        "size": 1
                      },
                      "none": {}
                    }
                Run it? [y]es, [n]o, [a]lways in this conversation, [e]xplain a refusal, [q]uit
                """)
    }

    @Test func `Lets nothing through that a terminal obeys or a reader does not see`() {
        let words = "a\u{1B}[2J\r\nRun it? \u{9B}31m\u{202E}gpj\u{200B}\u{2028}x\u{7F}\u{E0041}\u{3164}"
        let text = ToolQuestion.text(call([words: .string(words)]), tool: tool, width: 80)
        let allowed = text.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) || $0 == "\n" }
        #expect(allowed, "\(text)")
        #expect(text.split(separator: "\n").count { $0.hasPrefix("Run it?") } == 1)
        #expect(text.contains(#"\u{202E}"#) && text.contains(#"\u{9B}"#) && text.contains(#"\u{E0041}"#))
    }

    @Test func `Breaks long lines itself, each of them indented`() {
        let text = ToolQuestion.text(
            call(["a": .string(String(repeating: "Run it? ", count: 50))]), tool: tool, width: 30)
        let lines = text.split(separator: "\n").dropFirst(4).dropLast()
        #expect(lines.allSatisfy { $0.hasPrefix("    ") && $0.count <= 30 } && lines.count > 14)
    }

    @Test func `Says how much of it is not shown`() {
        let many = JSON.array((0..<1000).map { .int($0) })
        let text = ToolQuestion.text(call(["a": many]), tool: tool, width: 80)
        #expect(text.contains("… 804 lines are not shown here; `parley sessions show 3` shows all …"))
        #expect(text.contains("\n        999\n") && text.split(separator: "\n").count == 205)
    }

    @Test func `Says that it was begun before`() {
        let text = ToolQuestion.text(
            call([:], startedAt: Timestamp(milliseconds: 1_795_000_000_000)), tool: tool, width: 80)
        #expect(text.contains("without arguments.\nIt was begun before, at 2026-11-18T"))
    }

    @Test(arguments: [
        ("y", ToolAnswer.yes), ("YES ", .yes), ("n", .no), ("no", .no), ("a", .always), ("always", .always),
        ("q", .quit), ("e", .explain(nil)), ("e too dangerous ", .explain("too dangerous")),
        ("explain\tnot now", .explain("not now")),
    ])
    func `Is answered with a letter or a word`(line: String, answer: ToolAnswer) {
        #expect(ToolAnswer(parsing: line) == answer)
    }

    @Test(arguments: ["", " ", "yesterday", "y n", "1", "yes please", "/quit"])
    func `Is asked again after anything else`(line: String) {
        #expect(ToolAnswer(parsing: line) == nil)
    }

    @Test func `A refusal tells the model why`() {
        #expect(ToolAnswer.always.decision == .run && ToolAnswer.quit.decision == .wait)
        guard case .refuse(let words) = ToolAnswer.explain("not now").decision else {
            Issue.record("it is no refusal")
            return
        }
        #expect(words.hasSuffix("The user says: not now"))
    }
}
