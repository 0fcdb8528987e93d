import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import ConversationStore
@testable import parley

@Suite struct `Answer printer` {
    private static let start = Timestamp(milliseconds: 1_000_000)
    private static let model = ModelName(provider: "openai", model: "a")

    /// All pieces of some events and the end, a mark before each change of stream.
    private func shown(_ manner: AnswerPrinter.Manner = .init(), _ events: ConversationEvent...) -> String {
        var printer = AnswerPrinter(manner)
        let pieces = events.flatMap { printer.add($0, at: Self.start) } + printer.end()
        var text = ""
        var isAnswer: Bool?
        for piece in pieces {
            switch piece {
            case .answer(let words):
                text += (isAnswer == true ? "" : "<1>") + words
                isAnswer = true
            case .talk(let words):
                text += (isAnswer == false ? "" : "<2>") + words
                isAnswer = false
            }
        }
        return text
    }

    private func text(_ text: String) -> ConversationEvent { .arrived(.text(text)) }
    private let piped = AnswerPrinter.Manner(answerIsSeen: false, showsReasoning: false)
    private let answered = ConversationEvent.answered(Answer(customID: "", state: "done", answer: "whole"))

    @Test func `An answer ends with exactly one line end`() {
        #expect(shown(.init(), text("a\n\nb"), text("\n"), text("\n"), answered) == "<1>a\n\nb\n")
        #expect(shown(piped, text("a\n"), text("\nb"), answered) == "<1>a\n\nb\n")
        #expect(shown(.init(), text("a")) == "<1>a\n")
        #expect(shown(.init()) == "")
    }

    @Test func `An answer that comes whole is written when it is there`() {
        #expect(shown(.init(), .stored(SessionID(1)), answered) == "<1>whole\n")
        #expect(shown(.init(streams: false), text("wh"), text("ole"), answered) == "<1>whole\n")
    }

    @Test func `What would steer a terminal is shown as signs there, and left alone elsewhere`() {
        let steering = "a\u{1B}]0;title\u{07}\u{1B}[2Jb\u{9B}\u{7F}\tc\r\nd\re"
        #expect(shown(.init(), text(steering)) == "<1>a␛]0;title␇␛[2Jb\u{FFFD}␡\tc\nd␍e\n")
        #expect(shown(piped, text(steering)) == "<1>\(steering)\n")
    }

    @Test func `A sequence in two pieces is seen, and a line end in two pieces is one`() {
        #expect(shown(.init(), text("a\u{1B}"), text("[2Jb\r"), text("\nc")) == "<1>a␛[2Jb\nc\n")
    }

    @Test func `Reasoning is talk, dim and set apart`() {
        let manner = AnswerPrinter.Manner(isColored: true)
        #expect(
            shown(manner, .arrived(.reasoning("Hm")), .arrived(.reasoning("m.\u{1B}")), text("Yes."))
                == "<2>\u{1B}[2mthinking\u{1B}[0m\n\u{1B}[2mHm\u{1B}[0m\u{1B}[2mm.␛\u{1B}[0m\n\n<1>Yes.\n")
        #expect(shown(piped, .arrived(.reasoning("Hm")), text("Yes.")) == "<1>Yes.\n")
    }

    @Test func `Talk in the middle of an answer begins on its own line where both are on one screen`() {
        let notice = ConversationEvent.notice("The first 4 messages were left out.")
        #expect(
            shown(.init(), text("a "), notice, text("b"))
                == "<1>a <2>\nThe first 4 messages were left out.\n<1>b\n")
        #expect(
            shown(piped, text("a "), notice, text("b"))
                == "<1>a <2>The first 4 messages were left out.\n<1>b\n")
    }

    @Test func `Talk behind an answer leaves no empty line`() {
        let notice = ConversationEvent.notice("A notice.")
        #expect(shown(.init(), text("a\n"), notice, answered) == "<1>a<2>\nA notice.\n")
        #expect(shown(.init(), text("a\n"), notice, text("b")) == "<1>a<2>\nA notice.\n<1>b\n")
        #expect(shown(piped, text("a\n"), notice, answered) == "<1>a<2>A notice.\n<1>\n")
    }

    @Test func `An answer that begins anew is closed and said to count no more`() {
        #expect(
            shown(.init(), text("half"), .beginsAnew, text("whole"))
                == "<1>half\n<2>The answer broke off; what stands above counts no more, and it begins anew.\n"
                + "<1>whole\n")
        #expect(shown(.init(streams: false), text("half"), .beginsAnew, text("whole")) == "<1>whole\n")
        #expect(shown(.init(), .beginsAnew) == "")
    }

    @Test func `An answer that goes on shows what was there, and a file gets all of it`() {
        #expect(
            shown(.init(isColored: true), .continuing("One, "), text("two."))
                == "<1>\u{1B}[2mOne, \u{1B}[0mtwo.\n")
        #expect(shown(piped, .continuing("One, "), text("two.")) == "<1>One, two.\n")
    }

    @Test func `A tool is told of with its arguments and its result, each cut to a line`() {
        let call = StoredCall(
            id: ToolCallID(1), session: SessionID(1),
            call: ToolCall(id: "c", name: "weather", arguments: .parsed(["city": "Os\u{1B}lo"])),
            state: .pending,
            isError: false)
        let long = String(repeating: "x", count: 500)
        let told = shown(
            .init(), .toolStarts(call), .toolEnds(call, ToolResult(content: "mild\n9 °C")),
            .toolEnds(call, .error(long)))
        #expect(
            told.hasPrefix(
                "<2>runs weather {\"city\":\"Os\\u001blo\"}\nweather: mild 9 °C\nweather failed: xx"))
        #expect(told.split(separator: "\n").allSatisfy { $0.count < 130 })
    }

    @Test func `A quiet screen gets the answer and what goes wrong`() {
        let fallback = ConversationEvent.fallsBack(
            from: Self.model, to: ModelName(provider: "b", model: "c"),
            because: Failure(kind: .unauthorized, provider: "openai", message: "no key"))
        let quiet = AnswerPrinter.Manner(isQuiet: true)
        #expect(
            shown(quiet, .arrived(.reasoning("Hm")), fallback, text("a"))
                == "<2>openai/a will not do (no key); b/c is asked instead\n<1>a\n")
    }

    @Test func `A wait stands in the status line, elsewhere it is said once if it is long`() {
        let wait = PolicyWait(model: Self.model, reason: .pace, until: Self.start + .seconds(8))
        var printer = AnswerPrinter(.init())
        #expect(printer.add(.waits(wait), at: Self.start) == [])
        #expect(printer.status(at: Self.start) == "waits 8 s for the rate limit · Ctrl-C stops")
        #expect(
            printer.status(at: Self.start + .milliseconds(7200))
                == "waits 1 s for the rate limit · Ctrl-C stops")
        _ = printer.add(text("a"), at: Self.start)
        #expect(printer.status(at: Self.start) == nil)
        let file = AnswerPrinter.Manner(
            answerIsSeen: false, talkIsSeen: false, hasStatus: false, showsReasoning: false)
        #expect(shown(file, .waits(wait)) == "<2>waits 8 s for the rate limit\n")
        let short = PolicyWait(model: Self.model, reason: .pace, until: Self.start + .milliseconds(200))
        #expect(shown(file, .waits(short)) == "")
    }

    @Test func `A silence is told after a second, hidden thinking at once`() {
        var printer = AnswerPrinter(.init(showsReasoning: false))
        _ = printer.add(.stored(SessionID(1)), at: Self.start)
        #expect(printer.status(at: Self.start) == nil)
        #expect(printer.status(at: Self.start + .seconds(3)) == "waits for the answer · 3 s · Ctrl-C stops")
        _ = printer.add(.arrived(.reasoning("Hm")), at: Self.start)
        #expect(printer.status(at: Self.start + .seconds(4)) == "thinking 4 s · Ctrl-C stops")
    }
}
