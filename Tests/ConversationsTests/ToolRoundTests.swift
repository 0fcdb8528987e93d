import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import Synchronization
import Testing

/// Runs calls by a script and counts how often each was run.
private final class ScriptedTools: ToolBox {
    let definitions = [ToolDefinition(name: "step", summary: "A step.", parameters: ["type": "object"])]
    private let runs = Mutex<[String: Int]>([:])
    private let verdict: @Sendable (StoredCall) -> ToolDecision
    private let work: @Sendable (StoredCall) async throws(CancellationError) -> ToolResult

    init(
        deciding verdict: @escaping @Sendable (StoredCall) -> ToolDecision = { _ in .run },
        running work: @escaping @Sendable (StoredCall) async throws(CancellationError) -> ToolResult = {
            (call) throws(CancellationError) in ToolResult(content: "result of \(call.call.id)")
        }
    ) {
        self.verdict = verdict
        self.work = work
    }

    func runs(of call: String) -> Int { runs.withLock { $0[call] ?? 0 } }
    func decide(on call: StoredCall) async -> ToolDecision { verdict(call) }
    func run(_ call: StoredCall) async throws(CancellationError) -> ToolResult {
        runs.withLock { $0[call.call.id, default: 0] += 1 }
        return try await work(call)
    }
}

struct ToolRoundTests {
    private func call(_ id: String) -> ToolCall { ToolCall(id: id, name: "step", arguments: .parsed([:])) }

    @Test func `Five rounds with a pair, a failure and a stop in the middle come to one answer`() async throws
    {
        let bench = try await TalkBench([
            .calls(call("a")), .calls(call("b1"), call("b2")), .calls(call("c")), .calls(call("d")),
            .calls(call("e")), .says("Done."),
        ])
        let isStopped = Mutex(false)
        let tools = ScriptedTools(running: { (call) throws(CancellationError) in
            if call.call.id == "b2" { return .error("no such file") }
            guard call.call.id == "d", isStopped.withLock({ !$0 }) else {
                return ToolResult(content: "result of \(call.call.id)")
            }
            isStopped.withLock { $0 = true }
            throw CancellationError()
        })
        let runner = bench.runner(tools: tools)
        let exchange = try await runner.ask(Question("Go.", in: TalkBench.draft()))
        // The stopped call was begun and has no result: it waits.
        #expect(exchange.waitsForTools)
        #expect(exchange.openCalls.map(\.call.id) == ["d"])
        let open = try await bench.store.openCalls(of: exchange.session)
        #expect(open.first?.startedAt != nil)
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(resumed.answer.answer == "Done.")
        #expect(["a", "b1", "b2", "c", "e"].allSatisfy { tools.runs(of: $0) == 1 })
        #expect(tools.runs(of: "d") == 2)
        let results = bench.voice.requests.last?.messages.filter { $0.role == .tool } ?? []
        #expect(Set(results.compactMap(\.toolCallID)) == ["a", "b1", "b2", "c", "d", "e"])
        #expect(results.filter(\.isError).map(\.toolCallID) == ["b2"])
        #expect(try await bench.isSound())
    }

    @Test func `Without a runner the session waits, and goes on once its calls are answered`() async throws {
        let bench = try await TalkBench([.calls(call("a"), call("b")), .says("Done.")])
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Go.", in: TalkBench.draft()))
        #expect(exchange.waitsForTools)
        #expect(exchange.answer.state == "interrupted")
        #expect(exchange.openCalls.count == 2)
        for call in exchange.openCalls {
            try await bench.store.answer(call, with: ToolResult(content: "by hand"))
        }
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(resumed.answer.answer == "Done.")
    }

    @Test func `A refused call and one that cannot be read are answered as errors`() async throws {
        let broken = ToolCall(id: "x", name: "step", arguments: .invalid(raw: "{oops"))
        let bench = try await TalkBench([.calls(call("a"), broken), .says("I see.")])
        let tools = ScriptedTools(deciding: { _ in .refuse("The user does not want it.") })
        let exchange = try await bench.runner(tools: tools).ask(Question("Go.", in: TalkBench.draft()))
        #expect(exchange.answer.answer == "I see.")
        let results = bench.voice.requests[1].messages.filter { $0.role == .tool }
        #expect(results.filter(\.isError).count == 2)
        #expect(results.count == 2)
        #expect(tools.runs(of: "a") == 0)
        #expect(try await bench.isSound())
    }

    @Test func `A tool that the conversation does not offer is refused unasked`() async throws {
        let bench = try await TalkBench([.calls(call("a")), .says("I see.")])
        let tools = ScriptedTools()
        let exchange = try await bench.runner(tools: tools).ask(
            Question("Go.", in: TalkBench.draft { $0.tools = [] }))
        #expect(exchange.answer.answer == "I see.")
        #expect(tools.runs(of: "a") == 0)
        #expect(bench.voice.requests[0].tools.isEmpty)
    }

    @Test func `A question that is asked while calls are open stands behind their results`() async throws {
        let bench = try await TalkBench([.calls(call("a"), call("b")), .says("As you like.")])
        let runner = bench.runner()
        let waiting = try await runner.ask(Question("Go.", in: TalkBench.draft()))
        #expect(waiting.waitsForTools)
        let exchange = try await runner.ask(Question("Never mind.", in: .existing(waiting.session))) {
            bench.hear($0)
        }
        #expect(exchange.answer.answer == "As you like.")
        #expect(bench.voice.requests[1].messages.map(\.role) == [.user, .assistant, .tool, .tool, .user])
        #expect(bench.notices.contains { $0.contains("went on without them") })
        #expect(try await bench.store.openCalls(of: waiting.session).isEmpty)
        #expect(try await bench.isSound())
    }

    @Test func `The rounds of a turn have a limit`() async throws {
        let bench = try await TalkBench((0..<5).map { .calls(call("call-\($0)")) })
        let runner = bench.runner(tools: ScriptedTools()) { $0.toolRoundsMax = 2 }
        let exchange = try await runner.ask(Question("Go.", in: TalkBench.draft())) { bench.hear($0) }
        guard case .roundsUsedUp = exchange.outcome else {
            Issue.record("\(exchange.outcome)")
            return
        }
        #expect(bench.voice.requests.count == 3)
        #expect(exchange.openCalls.map(\.call.id) == ["call-2"])
    }

    @Test func `A repeated id of a call belongs to its own answer`() async throws {
        let bench = try await TalkBench([.calls(call("call_0")), .calls(call("call_0")), .says("Done.")])
        let tools = ScriptedTools()
        let exchange = try await bench.runner(tools: tools).ask(Question("Go.", in: TalkBench.draft()))
        #expect(exchange.answer.answer == "Done.")
        #expect(tools.runs(of: "call_0") == 2)
    }
}
