import ParleyCore
import ProviderStack
import Testing

@Suite(.serialized) struct RecordedExchangeTests {
    @Test(arguments: RecordedExchange.whole + RecordedExchange.streams + RecordedExchange.errors)
    func `An exchange says whether it was recorded or written`(exchange: RecordedExchange) {
        #expect(["recorded", "documentation"].contains(exchange.source))
    }

    @Test(arguments: RecordedExchange.whole)
    func `A whole answer is read as recorded`(exchange: RecordedExchange) {
        let codec = exchange.codec
        let result = Result { () throws(Failure) in
            try codec.completion(from: exchange.body, for: .fixture())
        }
        #expect(sorted(exchange.outcome(result)) == sorted(exchange.expected))
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream is read as recorded`(exchange: RecordedExchange) {
        let codec = exchange.codec
        let (events, result) = codec.read(pieces: [exchange.body])
        let warnings = events.count { if case .warning = $0 { true } else { false } }
        let counted = exchange.expected["failure"] == nil ? warnings : 0
        #expect(sorted(exchange.outcome(result, warnings: counted)) == sorted(exchange.expected))
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream says the same wherever its bytes are cut`(exchange: RecordedExchange) async {
        let codec = exchange.codec
        let whole = codec.read(pieces: [exchange.body])
        // A cut at each byte of a long stream would take minutes; all of them are met byte by byte.
        let every = max(1, exchange.body.count / 200)
        for cut in stride(from: 0, through: exchange.body.count, by: every) {
            await Task.yield()
            let cutUp = codec.read(pieces: [
                Array(exchange.body[..<cut]), Array(exchange.body[cut...]),
            ])
            #expect(cutUp.events == whole.events && cutUp.result == whole.result, "cut at byte \(cut)")
        }
        let (steps, result) = codec.read(pieces: exchange.body.map { [$0] })
        #expect(steps == whole.events && result == whole.result, "byte by byte")
    }

    @Test(arguments: RecordedExchange.streams)
    func `The events of a stream add up to its answer`(exchange: RecordedExchange) {
        let (events, result) = exchange.codec.read(pieces: [
            exchange.body
        ])
        var sum = CompletionAccumulator()
        for event in events { sum.add(event) }
        guard case .success(var completion) = result else { return }
        // For the provider's own eyes: no event tells it.
        completion.continuation = nil
        #expect(sum.completion(model: completion.model, requestID: completion.requestID) == completion)
    }

    @Test(arguments: RecordedExchange.errors)
    func `An error is named by its code and status`(exchange: RecordedExchange) {
        let codec = exchange.codec
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
