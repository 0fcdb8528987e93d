import OrderedCollections
import ParleyCore
import Testing

@testable import ProviderStack

/// Chunks are read the same by the skimmer and by the parser.
@Suite struct FastPathTests {
    @Test(arguments: RecordedExchange.streams.filter { $0.dialect == .openAIChat })
    func `A recorded stream is read the same by both`(exchange: RecordedExchange) {
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        expectSame(chunks(of: exchange), codec)
    }

    @Test(arguments: RecordedExchange.streams.filter { $0.dialect == .openAIChat })
    func `A stream with broken bytes is read the same by both`(exchange: RecordedExchange) async {
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        let chunks = chunks(of: exchange)
        var random = FixedRandom(state: UInt64(exchange.body.count))
        for _ in 0..<40 {
            await Task.yield()
            expectSame(chunks.map { mutated($0, random: &random) }, codec)
        }
    }

    /// Values of every kind, told in place of what a chunk usually has, and beside it.
    private static let oddValues = [
        "null", "\"\"", "\"x\"", "\"a\\nb\"", "\"\\ud83d\\ude00\"", "\"é\"", "\"\\ud800\"", "0", "1", "-0",
        "0.0", "true",
        "[]", "{}", "[null]", "[{}]", "[[]]", "{\"a\":1}", "[{\"text\":\"t\"}]", "{\"prompt_tokens\":3}",
        "[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
        "[{\"function\":{\"arguments\":{}}},{}]", "nul",
    ]

    @Test(arguments: [
        "id", "model", "usage", "error", "x_groq", "choices", "object", "\\u0069d", "index", "delta",
        "finish_reason",
        "message", "logprobs", "content", "reasoning_content", "reasoning", "refusal", "tool_calls", "role",
        "function_call",
    ])
    func `A member may hold anything and come twice`(name: String) {
        for value in Self.oddValues {
            for other in [nil, "null", "\"y\"", "0"] {
                let member = "\"\(name)\":\(value)" + (other.map { ",\"\(name)\":\($0)" } ?? "")
                for chunk in [
                    "{\(member),\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}",
                    "{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}],\(member)}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{\"content\":\"a\"},\(member)}]}",
                    "{\"id\":\"i\",\"choices\":[{\(member)}]}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{\"content\":\"a\",\(member)}}]}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{\(member)}}]}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{}},{\(member)}]}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{\"tool_calls\":[{\(member)}]}}]}",
                    "{\"id\":\"i\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\(member)}}]}}]}",
                ] {
                    expectSame([Array(chunk.utf8)], .fixture())
                }
            }
        }
    }

    @Test(arguments: [
        #"{"id":"i","object":"o","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"x"}"#,
        #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"},"finish_reason":null}]}"#,
        #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"a\n","tool_calls":[],"reasoning":null,"reasoning_details":[]}}]}"#,
        #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]}"#,
    ])
    func `The usual chunk needs no tree`(chunk: String) {
        var delta = OpenAIChatDelta()
        let isUsual = Array(chunk.utf8).withUnsafeBufferPointer {
            delta.skim($0, wantsModel: true, wantsID: true)
        }
        #expect(isUsual)
        #expect(delta.model == "m")
        #expect(delta.requestID == "i")
        #expect(delta.text != nil || delta.reasoning != nil || delta.toolCall != nil)
    }

    private func expectSame(
        _ chunks: [[UInt8]], _ codec: OpenAIChatCodec, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var skimming = OpenAIChatStream(codec: codec, request: .fixture())
        var parsing = OpenAIChatStream(codec: codec, request: .fixture())
        for chunk in chunks {
            let event = ServerSentEvents.Event(data: chunk)
            var events: [CompletionEvent] = []
            skimming.read(EventSlice(event), into: &events)
            let expected = parsing.read(event)
            guard events == expected, skimming.malformedChunks == parsing.malformedChunks,
                skimming.isDone == parsing.isDone, skimming.partialText == parsing.partialText
            else {
                Issue.record("\(event.text): \(events), not \(expected)", sourceLocation: sourceLocation)
                return
            }
        }
        #expect(
            skimming.finish(malformedLines: 0) == parsing.finish(malformedLines: 0),
            sourceLocation: sourceLocation)
    }

    private func chunks(of exchange: RecordedExchange) -> [[UInt8]] {
        var events = ServerSentEvents()
        return (events.push(exchange.body) + events.finish()).map(\.data)
    }

    private func mutated(_ bytes: [UInt8], random: inout FixedRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array("{}[]\",:\\\n0".utf8).randomElement(using: &random)!, at: place)
            default: bytes.removeSubrange(place..<min(place + 12, bytes.count))
            }
        }
        return bytes
    }
}
