import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Results of tools by hand` {
    private static let model = ModelName(provider: "simulator", model: "sim-small")

    /// A conversation that waits for the results of these calls.
    private func ask(_ ids: [String], in parley: ParleyProgram) async throws {
        let store = try await Store.open(at: parley.home.appending(path: "p.db").path)
        let worker = try await store.register(WorkerIdentity(host: "here", pid: 1, started: 7))
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        let turn = try await store.begin(
            TurnDraft(.new(SessionDraft(model: Self.model)), messages: [.user("Go.")]), by: worker)
        let attempt = try await store.open(
            TurnRequest(
                role: "default", model: Self.model, requestHash: [1], idempotencyKey: "k", sentAt: now),
            in: turn)
        let calls = ids.map { ToolCall(id: $0, name: "clock", arguments: .parsed(["zone": "UTC"])) }
        let completion = Completion(text: "", toolCalls: calls, finishReason: .toolCalls, model: "sim-small")
        try await store.settle(
            TurnSettlement(
                attempt: attempt, role: "default", model: Self.model, at: now, latency: .milliseconds(5),
                outcome: .answered(completion, cost: nil, price: nil)), in: turn)
        try await store.close(turn)
        await store.close()
    }

    private func messages(in parley: ParleyProgram) async throws -> [Message] {
        let store = try await Store.open(at: parley.home.appending(path: "p.db").path)
        let messages = try await store.messages(of: SessionID(1)).map(\.message)
        await store.close()
        return messages
    }

    @Test func `Calls are answered by number and by id, and what to do next is said`() async throws {
        let parley = try ParleyProgram()
        try await ask(["call_a", "call_b"], in: parley)
        let first = try await parley("-d p.db tool-result 1 --content", "12:00")
        #expect(first.status == 0 && first.output.isEmpty, "\(first.errors)")
        #expect(
            first.errors.contains(
                "Still open: 2 (clock, session 1). When they are answered, too: `parley resume 1`"))
        try parley.file("result.txt", "no such zone\n")
        let second = try await parley("-d p.db tool-result call_b --file result.txt --error --protect --json")
        let json = try second.json
        #expect(json["call"] == 2 && json["open"] == [] && json["is_error"] == true)
        #expect(json["next"] == "parley resume 1")
        let messages = try await messages(in: parley).filter { $0.role == .tool }
        #expect(messages.map(\.content) == ["12:00", "no such zone\n"])
        #expect(messages.map(\.isError) == [false, true] && messages.map(\.isProtected) == [false, true])
        let again = try await parley("-d p.db tool-result 1 --content x")
        #expect(again.status == 1 && again.errors.contains("call 1 is answered already"))
        #expect(try await parley("-d p.db db check").status == 0)
    }

    @Test func `The result may come on standard input, and may be empty`() async throws {
        let parley = try ParleyProgram()
        try await ask(["a", "b", "c"], in: parley)
        #expect(try await parley("-d p.db tool-result 1", input: "piped\0\n").status == 0)
        #expect(try await parley("-d p.db tool-result 2 -", input: "").status == 0)
        #expect(try await parley("-d p.db tool-result 3 --file -", input: "both").status == 0)
        #expect(
            try await messages(in: parley).filter { $0.role == .tool }.map(\.content) == [
                "piped\u{FFFD}\n", "", "both",
            ])
    }

    @Test func `An unknown call tells of those that are open`() async throws {
        let parley = try ParleyProgram()
        let none = try await parley("-d p.db tool-result 9 --content x")
        #expect(none.status == 1 && none.errors.contains("no open tool call '9', and no other either"))
        try await ask(["call_a"], in: parley)
        let unknown = try await parley("-d p.db tool-result 9 --content x")
        #expect(unknown.errors.contains("open are 1 (clock, session 1)"), "\(unknown.errors)")
        let near = try await parley("-d p.db tool-result call_b --content x")
        #expect(near.status == 1 && near.errors.contains("did you mean 1 (clock, session 1)?"))
        try await ask(["call_a"], in: parley)
        let several = try await parley("-d p.db tool-result call_a --content x")
        #expect(several.status == 1 && several.errors.contains("the id of several open calls"))
    }

    @Test func `What cannot be taken says why`() async throws {
        let parley = try ParleyProgram()
        try await ask(["a"], in: parley)
        try parley.file("long.txt", String(repeating: "x", count: (1 << 20) + 1))
        let long = try await parley("-d p.db tool-result 1 --file long.txt")
        #expect(long.status == 1 && long.errors.contains("more than 1 MiB"))
        try Data([0xFF]).write(to: parley.home.appending(path: "bytes"))
        let bytes = try await parley("-d p.db tool-result 1 --file bytes")
        #expect(bytes.status == 1 && bytes.errors.contains("no UTF-8"))
        let missing = try await parley("-d p.db tool-result 1 --file missing")
        #expect(missing.status == 1 && missing.errors.contains("the file missing cannot be read"))
        let twice = try await parley("-d p.db tool-result 1 --file bytes --content x")
        #expect(twice.status == 64 && twice.errors.contains("is given once"))
        #expect(try await parley("-d p.db tool-result 1 text").status == 64)
    }

    @Test func `A tool that the settings protect needs no flag`() async throws {
        let parley = try ParleyProgram()
        try await ask(["a"], in: parley)
        try parley.file("config.yaml", "tools: {clock: {summary: The time., protected: true}}\n")
        #expect(try await parley("-d p.db tool-result 1 --content x --config config.yaml").status == 0)
        #expect(try await messages(in: parley).last?.isProtected == true)
    }

    @Test func `The tools are listed, and whether their programs are there`() async throws {
        let parley = try ParleyProgram()
        try parley.file(
            "config.yaml",
            """
            tools:
              shell: {summary: s, command: [sh, -c, "cat; exit 1"], confirm: false, timeout: 90s}
              gone: {summary: g, command: [no-such-program]}
              human: {summary: h}
            """)
        let list = try await parley("tools list --config config.yaml")
        #expect(list.output.contains("shell  sh -c cat; exit 1  yes    no       90 s"), "\(list.output)")
        #expect(list.errors.contains("'no-such-program' is not found"))
        let json = try #require(try await parley("tools list --config config.yaml --json").json.arrayValue)
        #expect(json.map { $0["name"] } == ["shell", "gone", "human"])
        #expect(json[0]["executable"]?.stringValue?.hasSuffix("bin/sh") == true)
        #expect(json[1]["executable"] == .null && json[2]["command"] == .null)
        #expect(try await parley("tools list").errors.contains("There are no tools"))
    }
}
