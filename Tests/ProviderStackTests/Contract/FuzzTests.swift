import ParleyCore
import ProviderStack
import Testing

/// Broken input may be refused, but must never crash; each run draws the same mutations.
///
/// One at a time and yielding, so that tests with time limits are not starved of threads beside them.
@Suite(.serialized) struct FuzzTests {
    @Test(arguments: RecordedExchange.whole + RecordedExchange.errors)
    func `A whole answer with broken bytes never crashes`(exchange: RecordedExchange) async {
        var random = FixedRandom(state: UInt64(exchange.body.count))
        let codec = exchange.codec
        for _ in 0..<60 {
            await Task.yield()
            let body = mutated(exchange.body, random: &random)
            _ = try? codec.completion(from: body, for: .fixture())
            for status in [200, 400, 429, 500] {
                let failure = body.withUnsafeBufferPointer {
                    codec.failure(status: status, body: $0, for: .fixture())
                }
                #expect(failure.message.count <= Failure.messageLengthMax)
            }
        }
    }

    @Test(arguments: RecordedExchange.streams)
    func `A stream with broken bytes never crashes`(exchange: RecordedExchange) async {
        var random = FixedRandom(state: UInt64(exchange.body.count))
        let codec = exchange.codec
        for _ in 0..<60 {
            await Task.yield()
            let body = mutated(exchange.body, random: &random)
            let cut = body.isEmpty ? 0 : Int.random(in: 0...body.count, using: &random)
            _ = codec.read(pieces: [Array(body[..<cut]), Array(body[cut...])])
        }
    }

    @Test func `Headers of any kind are read or passed over`() {
        var random = FixedRandom(state: 5)
        let letters = Array("0123456789.-msh,: GMTJanSun+eE")
        for _ in 0..<5000 {
            let text = String(
                (0..<Int.random(in: 0...24, using: &random)).map { _ in letters.randomElement(using: &random)!
                })
            _ = RetryAfter.read(now: .seconds(0)) { _ in text }
            _ = RateLimitReading { _ in text }
            _ = try? BaseURL(text)
            _ = try? BaseURL("http://" + text)
        }
    }

    private func mutated(_ bytes: [UInt8], random: inout FixedRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(Array("{}[]\",:\\\n\r0-".utf8).randomElement(using: &random)!, at: place)
            case 3: bytes.removeSubrange(place..<min(place + 40, bytes.count))
            default: bytes.insert(contentsOf: bytes[place..<min(place + 60, bytes.count)], at: place)
            }
        }
        return bytes
    }
}
