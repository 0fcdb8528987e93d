import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

extension Failure {
    /// What a provider answers that has no endpoint with tools.
    static func refusal(_ message: String, status: Int = 404) -> Failure {
        Failure(
            kind: .rejected, provider: "scripted", model: "asked-model", status: status, code: "\(status)",
            message: message)
    }
}

@Suite struct `Emulated tools` {
    static let noTools =
        "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs"
    private static let calling =
        #"{"assistant_response": "I look.", "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}]}"#
    private let asked = CompletionRequest.fixture(
        system: "Be brief.", messages: [.user("What is a?")], tools: [.fixture()])

    private func emulated(
        _ scripted: ScriptedProvider, _ emulation: ProviderEntry.ToolEmulation = .always,
        memory: ToolSupportMemory = ToolSupportMemory()
    ) -> any Provider {
        EmulatedTools.wrapping(scripted, emulation: emulation, memory: memory)
    }

    // MARK: When

    @Test func `Never means the provider itself`() {
        #expect(emulated(ScriptedProvider([]), .never) is ScriptedProvider)
    }

    @Test func `Always puts the tools into words and reads the calls`() async throws {
        let scripted = ScriptedProvider([
            .answer(.fixture(Self.calling, reasoning: "hm", usage: Usage(inputUncached: 9, output: 4)))
        ])
        let answer = try await emulated(scripted).complete(asked)
        #expect(scripted.requests.map(\.tools) == [[]])
        #expect(answer.text == "I look.")
        #expect(answer.toolCalls == [.lookup("a")])
        #expect(answer.finishReason == .toolCalls)
        #expect(answer.reasoning == "hm")
        #expect(answer.usage == Usage(inputUncached: 9, output: 4))
        #expect(answer.requestID == "r-1")
    }

    @Test func `A request without tools passes through`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture(Self.calling))])
        let answer = try await emulated(scripted).complete(.fixture())
        #expect(answer == .fixture(Self.calling))
        #expect(scripted.requests == [.fixture()])
    }

    @Test(arguments: [
        (noTools, 404), ("no endpoints available that support tool use", 404),
        ("No endpoints found that support tool use. Try disabling \"lookup\".", 404),
        (
            "No endpoints found that support the provided 'tool_choice' value. To learn more about provider routing, visit: …",
            404
        ),
        ("registry.ollama.ai/library/gemma3:4b does not support tools", 400),
    ]) func `A model that turns out to have no tools is asked again in words, and from then on`(
        message: String, status: Int
    ) async throws {
        let scripted = ScriptedProvider([
            .failure(.refusal(message, status: status)), .answer(.fixture(Self.calling)),
            .answer(.fixture(Self.calling)),
        ])
        let provider = emulated(scripted, .onRefusal)
        #expect(try await provider.complete(asked).toolCalls == [.lookup("a")])
        #expect(try await provider.complete(asked).toolCalls == [.lookup("a")])
        #expect(scripted.requests.map(\.tools.count) == [1, 0, 0])
    }

    @Test func `A refusal before a stream is answered in words as well`() async throws {
        let scripted = ScriptedProvider([.failure(.refusal(Self.noTools)), .answer(.fixture(Self.calling))])
        let (events, result) = await emulated(scripted, .onRefusal).heard(asked)
        #expect(try result.get().toolCalls == [.lookup("a")])
        #expect(events.first == .text("I look."))
    }

    @Test func `What one client has learnt another knows`() async throws {
        let memory = ToolSupportMemory()
        let first = ScriptedProvider([.failure(.refusal(Self.noTools)), .answer(.fixture(Self.calling))])
        let second = ScriptedProvider([.answer(.fixture(Self.calling))])
        _ = try await emulated(first, .onRefusal, memory: memory).complete(asked)
        _ = try await emulated(second, .onRefusal, memory: memory).complete(asked)
        #expect(second.requests.map(\.tools) == [[]])
        #expect(!memory.lacksTools(ModelName("openai/other")!))
    }

    @Test func `The memory forgets the first model before it grows without end`() {
        let memory = ToolSupportMemory()
        for number in 0...ToolSupportMemory.modelsMax { memory.note(ModelName("a/\(number)")!) }
        #expect(!memory.lacksTools(ModelName("a/0")!))
        #expect(memory.lacksTools(ModelName("a/1")!))
    }

    @Test func `A sure refusal is remembered even when the words fail, an unsure one is not`() async {
        for (message, isRemembered) in [(Self.noTools, true), ("… provider routing, visit …", false)] {
            let memory = ToolSupportMemory()
            let scripted = ScriptedProvider([
                .failure(.refusal(message)),
                .failure(Failure(kind: .overloaded, provider: "scripted", message: "busy")),
            ])
            let (_, result) = await emulated(scripted, .onRefusal, memory: memory).heard(asked)
            #expect(result == .failure(Failure(kind: .overloaded, provider: "scripted", message: "busy")))
            #expect(memory.lacksTools(asked.model) == isRemembered)
        }
    }

    @Test(arguments: [
        Failure.refusal("No endpoints found for some/model:free."),
        Failure(kind: .overloaded, provider: "x", status: 503, message: noTools),
        Failure(kind: .rejected, provider: "x", status: 422, message: noTools),
        Failure(kind: .rejected, provider: "x", status: 404, message: noTools, partialText: "spoken"),
        Failure.refusal("see provider routing", status: 400),
        Failure(kind: .rejected, provider: "x", message: noTools),
    ]) func `Any other failure is what it is`(failure: Failure) async {
        let scripted = ScriptedProvider([.failure(failure)])
        #expect(await emulated(scripted, .onRefusal).heard(asked).result == .failure(failure))
    }

    @Test func `A refusal of a request without tools is what it is`() async {
        let scripted = ScriptedProvider([.failure(.refusal(Self.noTools))])
        let (_, result) = await emulated(scripted, .onRefusal).heard(.fixture())
        #expect(result == .failure(.refusal(Self.noTools)))
    }

    @Test func `The body that is kept is the one that was sent`() async throws {
        let scripted = ScriptedProvider([.failure(.refusal(Self.noTools)), .answer(.fixture(Self.calling))])
        let provider = emulated(scripted, .onRefusal)
        #expect(provider.wireBody(of: asked) == "Be brief.|What is a?|1")
        _ = try await provider.complete(asked)
        #expect(provider.wireBody(of: asked) == scripted.wireBody(of: scripted.requests[1]))
        #expect(provider.wireBody(of: .fixture()) == "|Hello?|0")
    }

    // MARK: Answers

    @Test func `An answer that calls nothing is text`() async throws {
        let scripted = ScriptedProvider([
            .answer(.fixture(#"{"assistant_response": "Hi.", "tool_calls": []}"#)), .answer(.fixture("Hi.")),
        ])
        for _ in 0..<2 {
            let answer = try await emulated(scripted).complete(asked)
            #expect(answer == .fixture("Hi."))
        }
    }

    @Test func `An answer that says and calls nothing is an empty reply`() async throws {
        let usage = Usage(output: 3)
        let scripted = ScriptedProvider([
            .answer(.fixture(#"{"assistant_response": "", "tool_calls": []}"#, usage: usage)),
            .answer(.fixture(#"{"assistant_response": "", "tool_calls": [{"name": "fly"}]}"#)),
        ])
        let failure = await #expect(throws: Failure.self) { try await emulated(scripted).complete(asked) }
        #expect(failure?.kind == .emptyReply)
        #expect(failure?.usage == usage)
        let other = await #expect(throws: Failure.self) { try await emulated(scripted).complete(asked) }
        #expect(other?.kind == .emptyReply)
        #expect(other?.message == "the answer calls 'fly', which is no tool of this request: ignored")
    }

    @Test func `Where no call was wanted none is made`() async throws {
        var request = asked
        request.toolChoice = .none
        let scripted = ScriptedProvider([.answer(.fixture(Self.calling))])
        let (events, result) = await emulated(scripted).heard(request)
        #expect(try result.get() == .fixture("I look."))
        #expect(events.contains(.warning("the answer calls a tool although none was to be called: ignored")))
    }

    @Test func `Calls of later turns get numbers of their own`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture(Self.calling))])
        let answer = try await emulated(scripted)
            .complete(.fixture(messages: RequestScenario.transcript, tools: [.fixture()]))
        #expect(answer.toolCalls == [.lookup("a", number: 2)])
    }

    // MARK: Marks in answers to real tools

    private static let marked = "I look. <|tool_call_start|>[lookup(word=\"a\")]<|tool_call_end|>"

    @Test func `A marked call in an answer to real tools is read`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture(Self.marked))])
        let answer = try await emulated(scripted, .onRefusal).complete(asked)
        #expect(answer == .fixture("I look.", toolCalls: [.lookup("a")], finishReason: .toolCalls))
        #expect(scripted.requests == [asked])
    }

    @Test(arguments: [
        Completion.fixture(calling), .fixture("lookup(\"a\")"),
        .fixture(marked, toolCalls: [.lookup("b")], finishReason: .toolCalls),
    ]) func `Any other answer to real tools is what it is`(answer: Completion) async throws {
        let scripted = ScriptedProvider([.answer(answer), .answer(answer)])
        let provider = emulated(scripted, .onRefusal)
        #expect(try await provider.complete(asked) == answer)
        #expect(try await provider.heard(asked).result.get() == answer)
    }

    @Test func `Marks are text where no call was wanted`() async throws {
        var request = asked
        request.toolChoice = .none
        let scripted = ScriptedProvider([.answer(.fixture(Self.marked))])
        #expect(try await emulated(scripted, .onRefusal).complete(request) == .fixture(Self.marked))
    }
}
