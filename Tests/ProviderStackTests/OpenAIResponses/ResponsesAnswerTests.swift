import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@Suite struct ResponsesAnswerTests {
    @Test(arguments: [
        #"{"input_tokens":10,"input_tokens_details":{"cached_tokens":99}}"#,
        #"{"input_tokens":10,"output_tokens":-5,"input_tokens_details":{"cached_tokens":8,"cache_write_tokens":8}}"#,
        #"{"input_tokens":9223372036854775807,"output_tokens":9223372036854775807,"total_tokens":1}"#,
        #"{"input_tokens":-1,"output_tokens_details":{"reasoning_tokens":4}}"#, #"{"input_tokens":null}"#,
        "{}",
    ])
    func `Counts that contradict each other never make a bucket negative`(counts: String) throws {
        let usage = try #require(ResponsesCodec.fixture().usage(from: try JSON(parsing: counts)))
        #expect(
            min(usage.inputUncached, usage.cacheRead, usage.cacheWrite, usage.output, usage.reasoning) >= 0)
        #expect(usage.reasoning <= usage.output)
    }

    @Test func `Reasoning that is counted beside the output is part of it`() throws {
        let counts: JSON = [
            "input_tokens": 10, "output_tokens": 5, "total_tokens": 18,
            "output_tokens_details": ["reasoning_tokens": 3],
        ]
        let usage = try #require(ResponsesCodec.fixture().usage(from: counts))
        #expect(usage.output == 8 && usage.reasoning == 3)
    }

    @Test func `A tool call is announced once its name is known`() throws {
        let events = events(of: [
            #"{"type":"response.function_call_arguments.delta","item_id":"fc","output_index":0,"delta":"{\"a\":"}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":"#
                + #"{"type":"function_call","id":"fc","call_id":"c1","name":"run","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","item_id":"fc","output_index":0,"delta":"1}"}"#,
            #"{"type":"response.completed","response":{"output":[]}}"#,
        ])
        #expect(
            events.prefix(3) == [
                .toolCallStarted(id: "c1", name: "run"), .toolArguments(id: "c1", fragment: "{\"a\":"),
                .toolArguments(id: "c1", fragment: "1}"),
            ])
        #expect(
            events.contains(
                .toolCallCompleted(ToolCall(id: "c1", name: "run", arguments: .parsed(["a": 1])))))
    }

    @Test func `Arguments that are told whole win over pieces that got lost`() throws {
        let done =
            #"{"type":"function_call","id":"fc","call_id":"c1","name":"run","arguments":"{\"a\":1,\"b\":2}"}"#
        let events = events(of: [
            #"{"type":"response.function_call_arguments.delta","item_id":"fc","output_index":0,"delta":"{\"a\":1}"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":\#(done)}"#,
            #"{"type":"response.completed","response":{"output":[]}}"#,
        ])
        let call = ToolCall(id: "c1", name: "run", arguments: .parsed(["a": 1, "b": 2]))
        #expect(events.contains(.toolCallCompleted(call)))
    }

    @Test func `Thoughts and their summary are heard once`() throws {
        let item =
            #"{"type":"reasoning","id":"rs","summary":[{"text":"Short."}],"content":[{"text":"Long."}]}"#
        let events = events(of: [
            #"{"type":"response.reasoning_text.delta","item_id":"rs","output_index":0,"delta":"Long."}"#,
            #"{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"Short."}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":\#(item)}"#,
            #"{"type":"response.output_text.delta","item_id":"m","output_index":1,"delta":"So."}"#,
            #"{"type":"response.completed","response":{"output":[]}}"#,
        ])
        #expect(events == [.reasoning("Long."), .text("So."), .finished(.stop)])
    }

    @Test func `The usage of a stream that breaks later is not lost`() {
        let (_, result) = ResponsesCodec.fixture().read(pieces: [
            bytes(of: [
                #"{"type":"response.in_progress","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":0}}}"#
            ])
        ])
        guard case .failure(let failure) = result else {
            Issue.record("a stream without an end is no answer")
            return
        }
        #expect(failure.kind == .streamBroken && failure.usage == Usage(inputUncached: 7))
    }

    @Test func `An answer that is incomplete for no reason says so`() throws {
        let (_, result) = ResponsesCodec.fixture().read(pieces: [
            bytes(of: [
                #"{"type":"response.output_text.delta","delta":"Yes."}"#, #"{"type":"response.incomplete"}"#,
            ])
        ])
        #expect(try result.get().finishReason == .other("incomplete"))
    }

    @Test func `An answer of too many items is read up to a limit`() throws {
        let added = #"{"type":"response.output_item.added","item":{"type":"message","id":"m"#
        var stream = (0..<5000).map { "\(added)\($0)\"}}" }
        stream.append(#"{"type":"response.output_text.delta","item_id":"m7","delta":"Yes."}"#)
        stream.append(#"{"type":"response.completed","response":{"output":[]}}"#)
        let (_, result) = ResponsesCodec.fixture().read(pieces: [bytes(of: stream)])
        #expect(try result.get().text == "Yes.")
    }

    @Test func `Whatever comes after the end is not read`() throws {
        let (events, result) = ResponsesCodec.fixture().read(pieces: [
            bytes(of: [
                #"{"type":"response.output_text.delta","delta":"Yes."}"#,
                #"{"type":"response.completed","response":{"output":[]}}"#,
                #"{"type":"response.output_text.delta","delta":" No."}"#, "[DONE]",
            ])
        ])
        #expect(events.first == .text("Yes."))
        #expect(try result.get().text == "Yes.")
    }

    private func bytes(of events: [String]) -> [UInt8] {
        Array(events.map { "data: \($0)\n\n" }.joined().utf8)
    }

    private func events(of stream: [String]) -> [CompletionEvent] {
        ResponsesCodec.fixture().read(pieces: [bytes(of: stream)]).events
    }
}
