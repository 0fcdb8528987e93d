import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct OllamaAnswerTests {
    @Test func `A stream's events come in the order of its lines`() {
        let (events, _) = read([
            #"{"message":{"thinking":"Hm."},"done":false}"#,
            #"{"message":{"content":"I look."},"done":false}"#,
            #"{"message":{"tool_calls":[{"function":{"name":"lookup","arguments":{"word":"Paris"}}}]},"done":false}"#,
            #"{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":4}"#,
        ])
        let call = ToolCall(id: "call_0", name: "lookup", arguments: .parsed(["word": "Paris"]))
        #expect(
            events == [
                .reasoning("Hm."), .text("I look."), .toolCallStarted(id: "call_0", name: "lookup"),
                .toolArguments(id: "call_0", fragment: #"{"word":"Paris"}"#), .toolCallCompleted(call),
                .usage(Usage(inputUncached: 9, output: 4)), .finished(.toolCalls),
            ])
    }

    @Test func `The line that says done ends the stream, even when the connection stays open`() {
        var stream = OllamaCodec.fixture.stream(for: .fixture())
        _ = stream.read(Array("{\"message\":{\"content\":\"Hi\"},\"done\":false}\n".utf8))
        #expect(!stream.isDone && stream.partialText == "Hi" && stream.usage == nil)
        _ = stream.read(Array("{\"message\":{},\"done\":true,\"eval_count\":1}\n".utf8))
        #expect(stream.isDone && stream.usage == Usage(inputUncached: 0, output: 1))
    }

    @Test func `A stream's last line may lack its end, and its events are not lost`() {
        let (events, result) = read([#"{"message":{"content":"Hi"},"done":true}"#], lastLineEnds: false)
        #expect(events == [.text("Hi"), .finished(.stop)])
        #expect((try? result.get())?.text == "Hi")
    }

    @Test func `An error in mid-stream keeps what was said and has the line as its record`() {
        let (_, result) = read([
            #"{"message":{"content":"Once"},"done":false}"#,
            #"{"error":"out of memory sk-test-abcdef0123456789"}"#,
        ])
        guard case .failure(let failure) = result else { return #expect(Bool(false)) }
        #expect(failure.kind == .overloaded && failure.kind.advice == .retry)
        #expect(failure.partialText == "Once" && failure.message == "out of memory ‹key›")
        #expect(failure.responseBody == #"{"error":"out of memory ‹key›"}"#)
    }

    @Test func `A model without tools is refused in words that can be recognised`() {
        let body = Array(#"{"error":"registry.ollama.ai/library/gemma:2b does not support tools"}"#.utf8)
        let failure = body.withUnsafeBufferPointer {
            OllamaCodec.fixture.failure(status: 400, body: $0, for: .fixture())
        }
        #expect(failure.kind == .rejected && failure.status == 400)
        #expect(failure.message.hasSuffix("does not support tools"))
        #expect(Catalogue.builtIn.provider("ollama")?.quirks.toolEmulation == .onRefusal)
    }

    @Test(arguments: [
        #"{"eval_count":-5,"prompt_eval_count":-1,"prompt_eval_cached_count":7}"#,
        #"{"eval_count":9223372036854775807,"prompt_eval_count":9223372036854775807}"#,
        #"{"eval_count":"many","prompt_eval_count":null}"#,
    ])
    func `Counts that make no sense never make a bucket negative`(counts: String) throws {
        let body = #"{"message":{"content":"Hi"},"done":true,"# + counts.dropFirst()
        let completion = try OllamaCodec.fixture.completion(from: Array(body.utf8), for: .fixture())
        let usage = try #require(completion.usage)
        #expect(min(usage.inputUncached, usage.cacheRead, usage.cacheWrite, usage.output) >= 0)
    }

    @Test func `A transcript with calls and results goes through the dialect and comes back`() throws {
        let sent = try JSON(
            parsing: OllamaCodec.fixture.body(
                of: .fixture(messages: RequestScenario.transcript), streams: false))
        let turn = try #require(sent["messages"]?.arrayValue?[1])
        let answer: JSON = ["model": "m", "message": turn, "done": true, "done_reason": "stop"]
        let completion = try OllamaCodec.fixture.completion(from: Array(answer.text().utf8), for: .fixture())
        #expect(completion.message == RequestScenario.transcript[1])
    }

    private func read(
        _ lines: [String], lastLineEnds: Bool = true
    ) -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        let text = lines.joined(separator: "\n") + (lastLineEnds ? "\n" : "")
        return OllamaCodec.fixture.read(pieces: [Array(text.utf8)])
    }
}
