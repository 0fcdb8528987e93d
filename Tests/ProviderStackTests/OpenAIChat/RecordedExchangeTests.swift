import ParleyCore
import ProviderStack
import Testing

@Suite(.serialized) struct RecordedExchangeTests {
    @Test(arguments: RecordedExchange.whole)
    func `A whole answer is read as recorded`(exchange: RecordedExchange) {
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        let result = Result { () throws(Failure) in
            try codec.completion(from: exchange.body, for: .fixture())
        }
        #expect(sorted(exchange.outcome(result)) == sorted(exchange.expected))
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream is read as recorded`(exchange: RecordedExchange) {
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        let (events, result) = codec.read(pieces: [exchange.body])
        let warnings = events.count { if case .warning = $0 { true } else { false } }
        let counted = exchange.expected["failure"] == nil ? warnings : 0
        #expect(sorted(exchange.outcome(result, warnings: counted)) == sorted(exchange.expected))
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream says the same wherever its bytes are cut`(exchange: RecordedExchange) async {
        // Only the parser sees the pieces; what comes after it gets whole events.
        let whole = events(of: [exchange.body[...]])
        for cut in 0...exchange.body.count {
            await Task.yield()
            #expect(
                events(of: [exchange.body[..<cut], exchange.body[cut...]]) == whole, "cut at byte \(cut)")
        }
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        let (steps, result) = codec.read(pieces: exchange.body.map { [$0] })
        let expected = codec.read(pieces: [exchange.body])
        #expect(steps == expected.events && result == expected.result, "byte by byte")
    }

    private func events(of pieces: [ArraySlice<UInt8>]) -> [ServerSentEvents.Event] {
        var parser = ServerSentEvents()
        return pieces.flatMap { parser.push(Array($0)) } + parser.finish()
    }

    @Test(arguments: RecordedExchange.streams)
    func `The events of a stream add up to its answer`(exchange: RecordedExchange) {
        let (events, result) = OpenAIChatCodec.fixture(provider: exchange.provider).read(pieces: [
            exchange.body
        ])
        var sum = CompletionAccumulator()
        for event in events { sum.add(event) }
        guard case .success(let completion) = result else { return }
        #expect(sum.completion(model: completion.model, requestID: completion.requestID) == completion)
    }

    @Test(arguments: RecordedExchange.errors)
    func `An error is named by its code and status`(exchange: RecordedExchange) {
        let codec = OpenAIChatCodec.fixture(provider: exchange.provider)
        let failure = exchange.body.withUnsafeBufferPointer {
            codec.failure(status: exchange.expected["status"]?.intValue ?? 0, body: $0, for: .fixture())
        }
        #expect(sorted(exchange.outcome(.failure(failure))) == sorted(exchange.expected))
        #expect(failure.message.count <= Failure.messageLengthMax)
        #expect(failure.responseBody?.contains("sk-test-abcdef0123456789") != true)
        #expect((failure.responseBody?.utf8.count ?? 0) <= Failure.bodyBytesMax)
    }

    /// Equal JSON, whatever the order of its members.
    private func sorted(_ json: JSON) -> String { json.text(sortsKeys: true) }
}
