import Conversations
import OrderedCollections
import ParleyCore
import Testing

@testable import ConversationStore

@Suite struct `What is done about a tool call` {
    private static let before = Timestamp(milliseconds: 5)
    private static let violation = JSONSchema.Violation(pointer: "/a", keyword: "type", sentence: "is wrong")

    private func verdict(
        _ call: StoredCall = .fixture(), _ tool: CommandTool? = .fixture(), known: [String] = ["tool"],
        violations: [JSONSchema.Violation] = [], canAsk: Bool = false
    ) -> ToolPolicy.Verdict {
        ToolPolicy.verdict(on: call, tool: tool, known: known, violations: violations, canAsk: canAsk)
    }

    private func isRefused(_ verdict: ToolPolicy.Verdict, _ words: String) -> Bool {
        if case .refuse(let reason) = verdict { reason.contains(words) } else { false }
    }

    @Test(arguments: [false, true]) func `One that need not be confirmed is run`(canAsk: Bool) {
        #expect(verdict(canAsk: canAsk) == .run)
    }

    @Test func `One that is to be confirmed is asked about, or waits where nobody is`() {
        #expect(verdict(.fixture(), .fixture(confirms: true), canAsk: true) == .ask)
        #expect(verdict(.fixture(), .fixture(confirms: true)) == .wait)
    }

    @Test func `One that was begun before is never run without being asked about`() {
        let begun = StoredCall.fixture(startedAt: Self.before)
        #expect(verdict(begun) == .wait)
        #expect(verdict(begun, canAsk: true) == .ask)
        #expect(verdict(begun, violations: [Self.violation]) == .wait)
        #expect(verdict(begun, nil) == .wait)
        #expect(verdict(begun, .fixture([]), canAsk: true) == .wait)
    }

    @Test func `One without a command waits for its result`() {
        #expect(verdict(.fixture(), .fixture([]), canAsk: true) == .wait)
    }

    @Test func `An unknown tool, broken arguments and wrong ones are told to the model`() {
        #expect(
            isRefused(verdict(.fixture("x"), nil, known: ["clock"], canAsk: true), "The tools are: clock."))
        #expect(isRefused(verdict(.broken("{"), canAsk: true), "not a JSON object"))
        #expect(isRefused(verdict(violations: [Self.violation], canAsk: true), "- /a: is wrong"))
        #expect(isRefused(verdict(.fixture(), .fixture([]), violations: [Self.violation]), "nothing was run"))
    }

    @Test func `Without any tool all calls wait`() {
        #expect(verdict(.fixture(), nil, known: []) == .wait)
    }

    @Test func `Whoever is asked decides, and hears that the call was begun before`() async throws {
        let tool = CommandTool.fixture(confirms: true)
        let box = try CommandToolBox([tool], environment: [:]) { call, asked in
            #expect(asked == tool)
            return call.startedAt == nil ? .run : .refuse("begun")
        }
        #expect(await box.decide(on: .fixture()) == .run)
        #expect(await box.decide(on: .fixture(startedAt: Self.before)) == .refuse("begun"))
    }
}
