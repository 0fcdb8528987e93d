import ParleyCore
import ProviderStack
import Testing

@Suite struct LimitBookTests {
    private let memory = VolatilePolicyMemory()
    private let name = LimiterName(
        account: AccountName(provider: "openai", fingerprint: "one"), model: "model")

    private func exchange(_ book: inout LimitBook, at now: Timestamp) async throws {
        book.meet(name)
        let notes = book.notes
        book.adopt(try await memory.exchange(notes, at: now), for: notes, at: now)
    }

    @Test func `A restart goes on where the last run stopped`() async throws {
        var first = LimitBook(own: RateLimits(requests: 6))
        for _ in 0..<3 { _ = first.withLimiter(name) { $0.reserve(inputTokens: 0, at: .seconds(0)) } }
        try await exchange(&first, at: .seconds(0))
        var second = LimitBook(own: RateLimits(requests: 6))
        try await exchange(&second, at: .seconds(1))
        #expect(second.expectedWait(of: name, at: .seconds(1)) > .seconds(28))
    }

    @Test func `Two processes that exchange often keep to one limit together`() async throws {
        var books = [LimitBook(own: RateLimits(requests: 60)), LimitBook(own: RateLimits(requests: 60))]
        var sent: [Timestamp] = []
        for tenth in 0..<1200 {
            let now = Timestamp.seconds(Double(tenth) / 10)
            for index in books.indices {
                if tenth % 5 == 0 { try await exchange(&books[index], at: now) }
                guard books[index].expectedWait(of: name, at: now) == .zero else { continue }
                sent.append(books[index].withLimiter(name) { $0.reserve(inputTokens: 0, at: now) }.startsAt)
            }
        }
        let perMinute = Double(sent.count) / 2
        #expect(perMinute > 54 && perMinute < 63, "\(perMinute)")
    }

    @Test func `What a process that has ended had reserved is waited for at most a minute`() async throws {
        var first = LimitBook(own: RateLimits(tokens: 1000))
        _ = first.withLimiter(name) { $0.reserve(inputTokens: 100_000, at: .seconds(0)) }
        try await exchange(&first, at: .seconds(0))
        var second = LimitBook(own: RateLimits(tokens: 1000))
        try await exchange(&second, at: .seconds(0))
        #expect(second.expectedWait(of: name, at: .seconds(0)) == .seconds(60))
    }

    @Test func `What happens while an exchange is under way is not lost`() async throws {
        var book = LimitBook(own: RateLimits(requests: 60))
        try await exchange(&book, at: .seconds(0))
        _ = book.withLimiter(name) { $0.reserve(inputTokens: 0, at: .seconds(0)) }
        let notes = book.notes
        let states = try await memory.exchange(notes, at: .seconds(0))
        for _ in 0..<5 { _ = book.withLimiter(name) { $0.reserve(inputTokens: 0, at: .seconds(0)) } }
        let before = book.expectedWait(of: name, at: .seconds(0))
        book.adopt(states, for: notes, at: .seconds(0))
        #expect(book.expectedWait(of: name, at: .seconds(0)) == before)
    }

    @Test func `Whoever sends nothing changes nothing, limits or not`() async throws {
        var book = LimitBook()
        try await exchange(&book, at: .seconds(0))
        _ = book.withLimiter(name) { $0.reserve(inputTokens: 50, at: .seconds(3)) }
        book.withBreaker(name.account) { $0.succeeded() }
        #expect(!book.notes.hasChanges)
    }

    @Test func `A told limit of zero is not believed`() {
        var book = LimitBook()
        book.hear(RateLimitReading(requests: .init(limit: 0)), of: name, at: .seconds(0))
        #expect(book.expectedWait(of: name, at: .seconds(0)) == .zero)
    }
}
