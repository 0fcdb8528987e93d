import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct `A stream of emulated tools` {
    private let asked = CompletionRequest.fixture(messages: [.user("What is a?")], tools: [.fixture()])

    private func pieces(_ text: String, of size: Int = 3) -> [CompletionEvent] {
        let characters = Array(text)
        return stride(from: 0, to: characters.count, by: size).map {
            .text(String(characters[$0..<min($0 + size, characters.count)]))
        }
    }

    private func heard(
        _ events: [CompletionEvent], _ emulation: ProviderEntry.ToolEmulation = .always
    ) async -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        await EmulatedTools.wrapping(ScriptedProvider([.events(events)]), emulation: emulation).heard(asked)
    }

    private func text(_ events: [CompletionEvent]) -> String {
        events.reduce(into: CompletionAccumulator()) { $0.add($1) }.text
    }

    @Test func `The words are shown as they come, the call before the end`() async throws {
        let json =
            #"{"assistant_response": "I \"look\" \u00e9 \ud83d\ude00.", "tool_calls": [{"name": "lookup", "arguments": {"word": "a"}}]}"#
        let (events, result) = await heard(
            [.reasoning("hm")] + pieces(json) + [.usage(Usage(output: 1)), .finished(.stop)])
        let call = ToolCall.lookup("a")
        #expect(events.first == .reasoning("hm"))
        #expect(events.count { if case .text = $0 { true } else { false } } > 3)
        #expect(text(events) == "I \"look\" é 😀.")
        #expect(
            events.suffix(5) == [
                .usage(Usage(output: 1)), .toolCallStarted(id: "call_0", name: "lookup"),
                .toolArguments(id: "call_0", fragment: #"{"word":"a"}"#), .toolCallCompleted(call),
                .finished(.toolCalls),
            ])
        let completion = try result.get()
        #expect(completion.text == text(events))
        #expect(completion.toolCalls == [call])
    }

    @Test(arguments: [
        "Just prose, no JSON.", #"{"content": "Hi."}"#, #"{"tool_calls": [], "assistant_response": "Hi."}"#,
        "```json\n{\"assistant_response\": \"Hi.\", \"tool_calls\": []}\n```",
        #"Well: {"assistant_response": "Hi."}"#,
        #"{"assistant_response": "He said "hi" to me", "tool_calls": []}"#,
        #"{"assistant_response": "Hi. \d \u00"#,
        #"{"assistant_response": "a", "assistant_response": "b"}"#, "I look.\nlookup(\"a\")",
        #"{"assistant_response": "two\nlines", "x": {"assistant_response": "inner"}}"#,
        "{\"assistant_response\": \"raw\nbreak\", \"tool_calls\": []}", #"{"assistant_response": {"a": 1}}"#,
        #"{"assistant_response": "\ud83d", "tool_calls": []}"#, #"{"assistant_response": "ends with \\"}"#,
    ]) func `What was shown is the text of the answer, whatever comes`(answer: String) async throws {
        for size in [1, 4, 1000] {
            let (events, result) = await heard(pieces(answer, of: size) + [.finished(.stop)])
            let completion = try result.get()
            #expect(text(events) == completion.text)
            #expect(!completion.text.isEmpty)
            #expect(events.last == .finished(completion.finishReason))
        }
    }

    @Test(arguments: [
        #"{"assistant_response": "Hi \n\u00e9.", "tool_calls": []}"#, "Prose.", #"{"response": "Hi."}"#,
        "I look.\n{\"name\": \"lookup\", \"arguments\": {\"word\": \"a\"}}",
        #"{"assistant_response": "cut of"#,
    ]) func `A streamed answer is the same as a whole one`(answer: String) async throws {
        let scripted = ScriptedProvider([.events(pieces(answer) + [.finished(.stop)])])
        let whole = try await EmulatedTools.wrapping(scripted, emulation: .always).complete(asked)
        #expect(try await heard(pieces(answer) + [.finished(.stop)]).result.get() == whole)
    }

    @Test func `A stream that breaks keeps the words that were shown`() async {
        let failure = Failure(
            kind: .streamBroken, provider: "scripted", message: "gone",
            partialText: #"{"assistant_response": "I lo"#)
        let scripted = ScriptedProvider([.failure(failure, after: pieces(failure.partialText!))])
        let (events, result) = await EmulatedTools.wrapping(scripted, emulation: .always).heard(asked)
        #expect(text(events) == "I lo")
        guard case .failure(let kept) = result else { return }
        #expect(kept.partialText == "I lo")
    }

    @Test func `Marks of a call are not shown, the words before them are`() async throws {
        let answer = "I <b>look</b>.\n<|tool_call_start|>[lookup(word=\"a\")]<|tool_call_end|>"
        for size in [1, 5, 1000] {
            let (events, result) = await heard(pieces(answer, of: size) + [.finished(.stop)], .onRefusal)
            #expect(text(events) == "I <b>look</b>.")
            #expect(
                events.suffix(2) == [.toolCallCompleted(.lookup("a")), .finished(.toolCalls)])
            let completion = try result.get()
            #expect(completion.text == text(events))
            #expect(completion.toolCalls == [.lookup("a")])
        }
    }

    @Test(arguments: [
        "The tag <tool_call> opens a call.", "a < b <tool", "trailing \n", "  leading", "<|tool_call_start|>",
        "<tool_call>{\"name\": \"fly\", \"arguments\": {}}</tool_call>", "plain", "e<\u{301}x",
    ]) func `Words that only look like marks arrive whole`(answer: String) async throws {
        for size in [1, 3, 1000] {
            let (events, result) = await heard(pieces(answer, of: size) + [.finished(.stop)], .onRefusal)
            #expect(text(events) == answer)
            #expect(try result.get().text == answer)
        }
    }

    @Test func `Text is not held back once it cannot be a mark`() async {
        let (events, _) = await heard([.text("a <"), .text("b"), .text(" c"), .finished(.stop)], .onRefusal)
        #expect(events == [.text("a"), .text(" <b"), .text(" c"), .finished(.stop)])
    }
}
