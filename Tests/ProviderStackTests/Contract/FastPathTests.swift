import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

/// The common chunks of each dialect are skimmed, all others parsed; nobody must be able to tell which it was.
///
/// A name with an escape in it is never skimmed. A chunk with such a member in front says the same and is always parsed, so
/// it is what the fast path is held against.
@Suite(.serialized) struct FastPathTests {
    @Test(arguments: RecordedExchange.streams)
    func `A recorded stream says the same skimmed and parsed`(exchange: RecordedExchange) {
        expectSame(chunks(of: exchange), exchange.codec, exchange.dialect)
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream with broken bytes says the same skimmed and parsed`(exchange: RecordedExchange) async {
        let chunks = chunks(of: exchange)
        var random = FixedRandom(state: UInt64(exchange.body.count))
        for _ in 0..<30 {
            await Task.yield()
            let broken = chunks.map { mutated($0, random: &random) }
            expectSame(broken, exchange.codec, exchange.dialect)
        }
    }

    @Test(arguments: Shape.all)
    func `A member may hold anything and come twice`(shape: Shape) async {
        let codec = shape.dialect.codec(provider: shape.dialect.usualProvider)
        for name in shape.names {
            await Task.yield()
            for value in Shape.values {
                for other in [nil, "null", "\"y\"", "0"] {
                    let member = "\"\(name)\":\(value)" + (other.map { ",\"\(name)\":\($0)" } ?? "")
                    let chunk = shape.chunk.replacing("@", with: member)
                    expectSame([chunk], codec, shape.dialect)
                }
            }
        }
    }

    @Test func `The usual chunk of OpenAI chat is skimmed`() {
        for chunk in [
            #"{"id":"i","object":"o","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}"#,
            #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"},"finish_reason":null}]}"#,
            #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a\n","tool_calls":[],"reasoning":null,"reasoning_details":[]}}]}"#,
            #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]}"#,
        ] {
            var delta = OpenAIChatDelta()
            #expect(skims(chunk) { delta.skim($0, wantsModel: true, wantsID: true) })
            #expect(delta.model == "m" && delta.requestID == "i")
            #expect(delta.text != nil || delta.reasoning != nil || delta.toolCall != nil)
        }
    }

    @Test func `The usual piece of an Anthropic block is skimmed`() {
        for (chunk, kind) in [
            (#"{"type":"text_delta","text":"Hi"}"#, AnthropicDelta.Kind.text),
            (#"{"type":"thinking_delta","thinking":"Hm"}"#, .thinking),
            (#"{"type":"input_json_delta","partial_json":"{\"a"}"#, .input),
        ] {
            var delta = AnthropicDelta()
            #expect(
                skims(#"{"type":"content_block_delta","index":2,"delta":\#(chunk)}"#) { delta.skim($0) })
            #expect(delta.kind == kind && delta.index == 2 && delta.piece?.isEmpty == false)
        }
    }

    @Test func `The usual line of Ollama is skimmed`() {
        for message in [
            #"{"role":"assistant","content":"Hi"}"#, #"{"role":"assistant","content":"","thinking":"Hm"}"#,
        ] {
            var delta = OllamaDelta()
            let line =
                #"{"model":"m","created_at":"2025-07-07T20:22:19.184789Z","message":\#(message),"done":false}"#
            #expect(skims(line) { delta.skim($0, wantsModel: true) })
            #expect(delta.model == "m" && (delta.text != nil || delta.reasoning != nil))
        }
    }

    private func skims(_ chunk: String, _ skim: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
        Array(chunk.utf8).withUnsafeBufferPointer(skim)
    }
}

extension FastPathTests {
    /// A chunk with a place for a member, marked by an at sign, and the names that may stand there.
    struct Shape: Sendable, CustomTestStringConvertible {
        let dialect: Dialect
        let chunk: String
        let names: [String]

        var testDescription: String { "\(dialect.rawValue): \(chunk)" }

        /// Values of every kind.
        static let values = [
            "null", "\"\"", "\"x\"", "\"a\\nb\"", "\"\\ud83d\\ude00\"", "\"é\"", "\"\\ud800\"", "0", "1", "-0",
            "0.0", "true", "false", "[]", "{}", "[null]", "[{}]", "{\"a\":1}", "[{\"text\":\"t\"}]", "nul",
            "{\"prompt_tokens\":3}", "{\"content\":\"z\"}", "{\"type\":\"text_delta\",\"text\":\"t\"}",
            "[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
            "[{\"function\":{\"arguments\":{}}},{}]",
        ]

        static let all = openAIChat + anthropic + ollama

        private static let openAIChat = [
            "{@,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{\"content\":\"a\"},@}]}",
            "{\"id\":\"i\",\"choices\":[{@}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{\"content\":\"a\",@}}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{@}}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{}},{@}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{\"tool_calls\":[{@}]}}]}",
            "{\"id\":\"i\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{@}}]}}]}",
        ].map { chunk in
            Shape(
                dialect: .openAIChat, chunk: chunk,
                names: [
                    "id", "model", "usage", "error", "x_groq", "choices", "object", "index", "delta",
                    "finish_reason", "message", "content", "reasoning_content", "reasoning", "refusal",
                    "tool_calls", "role", "function", "name", "arguments",
                ])
        }

        private static let anthropic = [
            "{@,\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
            "{\"type\":\"content_block_delta\",@}",
            "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",@}}",
            "{\"type\":\"content_block_delta\",\"delta\":{@,\"type\":\"thinking_delta\",\"thinking\":\"a\"}}",
            "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"input_json_delta\",@}}",
        ].map { chunk in
            Shape(
                dialect: .anthropic, chunk: chunk,
                names: ["type", "index", "delta", "error", "text", "thinking", "partial_json", "usage"])
        }

        private static let ollama = [
            "{@,\"message\":{\"content\":\"a\"},\"done\":false}",
            "{\"model\":\"m\",\"message\":{\"content\":\"a\"},@}",
            "{\"model\":\"m\",\"message\":{\"content\":\"a\",@}}", "{\"model\":\"m\",\"message\":{@}}",
        ].map { chunk in
            Shape(
                dialect: .ollama, chunk: chunk,
                names: ["model", "message", "done", "error", "content", "thinking", "tool_calls", "created_at"])
        }
    }

    private func expectSame(
        _ chunks: [String], _ codec: any DialectCodec, _ dialect: Dialect,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        func outcome(_ chunks: [String]) -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
            let (head, tail) = dialect == .ollama ? ("", "\n") : ("data: ", "\n\n")
            let outcome = codec.read(pieces: [Array(chunks.map { head + $0 + tail }.joined().utf8)])
            // A failure holds the chunk that told it, which is another one.
            return (
                outcome.events,
                outcome.result.mapError { failure in
                    var failure = failure
                    failure.responseBody = nil
                    return failure
                }
            )
        }
        let usual = outcome(chunks)
        let parsed = outcome(chunks.map(neverSkimmed))
        guard usual.events != parsed.events || usual.result != parsed.result else { return }
        Issue.record(
            "\(chunks.joined(separator: "\n")): \(usual), not \(parsed)", sourceLocation: sourceLocation)
    }

    private func neverSkimmed(_ chunk: String) -> String {
        guard chunk.hasPrefix("{") else { return chunk }
        let rest = chunk.dropFirst()
        let isEmpty = rest.first { !" \n\t\r".contains($0) } == "}"
        return #"{"\u0078":0\#(isEmpty ? "" : ",")\#(rest)"#
    }

    private func chunks(of exchange: RecordedExchange) -> [String] {
        if exchange.dialect == .ollama {
            return exchange.body.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
        }
        var events = ServerSentEvents()
        return (events.push(exchange.body) + events.finish()).map(\.text)
    }

    private func mutated(_ chunk: String, random: inout FixedRandom) -> String {
        var letters = Array(chunk.unicodeScalars)
        for _ in 0..<Int.random(in: 0...2, using: &random) where !letters.isEmpty {
            let place = Int.random(in: 0..<letters.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: letters[place] = UnicodeScalar(UInt8.random(in: 0...255, using: &random))
            case 1: letters.remove(at: place)
            case 2:
                letters.insert(Array("{}[]\",:\\0".unicodeScalars).randomElement(using: &random)!, at: place)
            default: letters.removeSubrange(place..<min(place + 12, letters.count))
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: letters)
        return String(text)
    }
}
