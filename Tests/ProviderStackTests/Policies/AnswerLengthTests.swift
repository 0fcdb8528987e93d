import ParleyCore
import Testing

@testable import ProviderStack

/// How wide a request's place in a limit of tokens is, when its answer may be much longer than answers are.
@Suite struct AnswerLengthTests {
    private let name = LimiterName(account: AccountName(provider: "openai"), model: "m")
    private let demand = LimitDemand(inputTokens: 100, outputTokens: 4000)

    /// A book that has seen answers of 100 tokens.
    private func book(_ limits: RateLimits, answers: Int = AnswerLength.answersMin) -> LimitBook {
        var book = LimitBook(own: limits)
        for _ in 0..<answers {
            let place = book.withLimiter(name) { $0.reserve(inputTokens: 0, at: .seconds(0)) }
            book.settle(place, in: name, usage: Usage(output: 100))
        }
        return book
    }

    private func width(_ book: LimitBook, max: Int?, at seconds: Double = 0) -> Int {
        book.outputTokens(of: name, max: max, at: .seconds(seconds))
    }

    @Test func `Until some answers are known a place is as wide as the longest one`() {
        #expect(width(LimitBook(), max: 4000) == 4000)
        #expect(width(LimitBook(), max: nil) == 0)
        let few = book(RateLimits(tokens: 60_000), answers: AnswerLength.answersMin - 1)
        #expect(width(few, max: 4000) == 4000)
        #expect(width(few, max: nil) == 100)
    }

    @Test func `Then it is as wide as answers have been, and never wider than the longest one`() {
        let book = book(RateLimits(tokens: 60_000))
        #expect(width(book, max: 4000) == 100)
        #expect(width(book, max: 50) == 50)
        #expect(width(book, max: nil) == 100)
    }

    @Test func `Answers that become longer make the places wider`() {
        var length = AnswerLength()
        for _ in 0..<100 { length.learn(100) }
        #expect(length.expected(max: 4000) == 100)
        for _ in 0..<50 { length.learn(1000) }
        #expect(length.expected(max: 4000) > 990)
        length.learn(0)
        #expect(length.expected(max: 4000) > 990)
    }

    @Test func `No more may be open than half of a minute's tokens`() {
        var book = book(RateLimits(tokens: 60_000))
        let many = Array(repeating: demand, count: 20)
        #expect(book.fitting(many, in: name, at: .seconds(0)) == 7)
        var flights: [Flight] = []
        for _ in 0..<7 {
            let place = book.withLimiter(name) {
                $0.reserve(inputTokens: 100, outputTokens: 100, at: .seconds(0))
            }
            flights.append(book.send(name, demand, place: place, at: .seconds(0)))
        }
        #expect(book.fitting(many, in: name, at: .seconds(0)) == 0)
        book.land(flights[0], of: name, .taken, at: .seconds(1))
        #expect(book.fitting(many, in: name, at: .seconds(1)) == 1)
        for flight in flights.dropFirst() { book.land(flight, of: name, .taken, at: .seconds(1)) }
        #expect(book.fitting(many, in: name, at: .seconds(1)) == 7)
    }

    @Test func `A request that is larger than all of that goes alone`() {
        let small = book(RateLimits(outputTokens: 1000))
        #expect(small.fitting([demand, demand], in: name, at: .seconds(0)) == 1)
        #expect(book(RateLimits(requests: 10)).fitting([demand, demand], in: name, at: .seconds(0)) == .max)
    }

    @Test func `After a refusal the places are as wide as can be, for a minute`() {
        var book = book(RateLimits(tokens: 60_000))
        let flight = book.send(name, demand, at: .seconds(10))
        book.land(flight, of: name, .refused, at: .seconds(10))
        #expect(width(book, max: 4000, at: 69) == 4000)
        #expect(width(book, max: 4000, at: 70) == 100)
    }

    @Test func `Who hears that little is left waits until there is enough`() {
        var book = book(RateLimits(tokens: 60_000))
        let place = book.withLimiter(name) {
            $0.reserve(inputTokens: 100, outputTokens: 100, at: .seconds(10))
        }
        _ = book.send(name, demand, place: place, at: .seconds(10))
        var reading = RateLimitReading()
        reading.tokens = .init(limit: 60_000, remaining: 9000, resetsIn: .seconds(51))
        book.hear(reading, of: name, at: .seconds(10))
        #expect(book.expectedWait(of: name, at: .seconds(10)) < .seconds(1))
        // One in the air and one more may take 8,200; 200 have to fill up, a thousand in a second.
        reading.tokens.remaining = 8000
        book.hear(reading, of: name, at: .seconds(10))
        let wait = book.expectedWait(of: name, at: .seconds(10))
        #expect(wait >= .milliseconds(200) && wait < .milliseconds(210), "\(wait)")
    }

    @Test func `A limit that begins anew each minute may be used up`() {
        var book = book(RateLimits(tokens: 60_000))
        _ = book.send(name, demand, at: .seconds(10))
        var reading = RateLimitReading()
        reading.tokens = .init(limit: 60_000, remaining: 100, resetsIn: .milliseconds(1500))
        book.hear(reading, of: name, at: .seconds(10))
        #expect(book.expectedWait(of: name, at: .seconds(10)) == .zero)
    }
}
