import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `Misses are told with their reason` {
    private func missed(_ requests: [CachedRequest], _ figures: CacheFigures = .fixture()) -> [CacheMiss: Int]
    {
        lines(of: requests, figures).first?.missed.mapValues(\.requests) ?? [:]
    }

    @Test func `Whoever writes a beginning is at no fault, and the others hit`() throws {
        let line = try #require(
            lines(of: [
                .fixture(1, at: 0, written: 2000), .fixture(2, at: 200, read: 2000),
                .fixture(3, at: 300, read: 2000),
            ]).first)
        #expect(line.requests == 3 && line.hits == 2 && line.tokens == 2000 && line.missed.isEmpty)
        #expect(line.usage.cacheRead == 4000 && line.usage.cacheWrite == 2000 && line.usage.output == 0)
        #expect(line.firstAt.milliseconds == 0 && line.lastAt.milliseconds == 300)
    }

    @Test func `Sent before the first token of the one who wrote it: not ready`() {
        let line = lines(of: [
            .fixture(1, at: 0, written: 2000), .fixture(2, at: 50, written: 2000),
            .fixture(3, at: 200, read: 2000),
        ]).first
        #expect(line?.missed == [.notReady: PrefixLine.Missed(requests: 1, tokens: 2000)])
    }

    @Test
    func
        `The last use further back than the lifetime: expired; a longer one is counted where it was asked for`()
    {
        let late: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 200, read: 2000), .fixture(3, at: 300_200),
            .fixture(4, at: 300_400, read: 2000),
        ]
        #expect(missed(late) == [.expired: 1])
        var long = late
        long[0].usage.cacheWrite1h = 2000
        #expect(missed(long) == [.changed: 1])
    }

    @Test
    func `More than the limit within a minute: overflow, also for those that were sent ahead elsewhere`() {
        var requests: [CachedRequest] = [.fixture(1, at: 0)]
        for job in 2...6 { requests.append(.fixture(Int64(job), at: Int64(job) * 1000, read: 2000)) }
        requests.append(.fixture(7, at: 7000))
        #expect(missed(requests, .fixture(perMinute: 6)) == [.overflow: 1])
        #expect(missed(requests, .fixture(perMinute: 10)) == [.changed: 1])
        #expect(missed(requests) == [.changed: 1])
        // The second machine was gone to before the first was full.
        requests[3].usage = Usage(inputUncached: 2100)
        #expect(missed(requests, .fixture(perMinute: 6)) == [.overflow: 2])
        // And before the first token had come, by one of two who seemed to be hasty.
        let hasty: [CachedRequest] =
            (1...3).map { .fixture(Int64($0), at: Int64($0)) }
            + (4...8).map { .fixture(Int64($0), at: 1000, read: 2000) }
        #expect(missed(hasty, .fixture(perMinute: 6)) == [.notReady: 1, .overflow: 1])
    }

    @Test func `Nothing was ever kept of it: too short`() {
        let requests = (1...4).map { CachedRequest.fixture(Int64($0), at: Int64($0) * 1000, input: 700) }
        #expect(missed(requests) == [.tooShort: 3])
        #expect(lines(of: requests).first?.tokens == 0)
        // Long prompts, of which only the beginning may be too short.
        #expect(missed((1...4).map { .fixture(Int64($0), at: Int64($0) * 1000) }) == [.tooShort: 3])
        // All at once, so nobody could know.
        #expect(missed((1...4).map { .fixture(Int64($0), at: Int64($0)) }) == [.notReady: 3])
    }

    @Test func `None of these: the provider saw another beginning`() {
        let requests: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 200, read: 2000), .fixture(3, at: 400),
        ]
        #expect(missed(requests) == [.changed: 1])
    }

    @Test func `DeepSeek needs two before a third one finds it`() {
        let requests: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 200), .fixture(3, at: 400, read: 2000),
            .fixture(4, at: 500),
        ]
        #expect(missed(requests, .fixture(leaders: 2)) == [.changed: 1])
        let hasty: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 200), .fixture(3, at: 250), .fixture(4, at: 400, read: 2000),
        ]
        #expect(missed(hasty, .fixture(leaders: 2)) == [.notReady: 1])
    }

    @Test func `Who reads only the system prompt has missed the document`() {
        let line = lines(of: [
            .fixture(1, at: 0), .fixture(2, at: 200, read: 2000), .fixture(3, at: 400, read: 1200),
        ]).first
        #expect(line?.hits == 2)
        #expect(line?.missed == [.changed: PrefixLine.Missed(requests: 1, tokens: 800)])
    }
}

@Suite struct `Requests count for the longest beginning that another job has` {
    @Test func `Keys of one job fall back to the shorter beginning, and that to what the batch says for all`()
    {
        let requests: [CachedRequest] = [
            .fixture(1, at: 0, PrefixKey(short: 5, long: 1)),
            .fixture(2, at: 200, PrefixKey(short: 5, long: 1), read: 2000),
            .fixture(3, at: 400, PrefixKey(short: 5, long: 2), read: 1200),
            .fixture(4, at: 600, PrefixKey(short: 7, long: 3)), .fixture(5, at: 700, nil),
        ]
        let names = lines(of: requests).map { ($0.name.text, $0.requests, $0.tokens) }
            .sorted { $0.0 < $1.0 }
        #expect(names.map(\.0) == ["(common)", "00000001", "00000005"])
        #expect(names.map(\.1) == [2, 2, 1] && names.map(\.2) == [0, 2000, 1200])
        #expect(lines(of: requests).allSatisfy { $0.missed.isEmpty })
    }

    @Test func `A long system prompt that is never read is told, a short one is not`() {
        let requests = (1...3).map { CachedRequest.fixture(Int64($0), at: Int64($0) * 1000, nil) }
        #expect(lines(of: requests, commonTokens: 900).first?.missed[.tooShort]?.requests == 2)
        #expect(lines(of: requests, commonTokens: 40).first?.missed == [:])
    }

    @Test func `A job that was asked twice shares nothing with itself`() {
        let requests: [CachedRequest] = [.fixture(1, at: 0), .fixture(1, at: 200, read: 2050)]
        #expect(lines(of: requests).map(\.name) == [.common])
    }

    @Test func `Costs are exact, against no cache at the plain rate, and what has no price is not free`()
        throws
    {
        let priced = try #require(
            lines(of: [.fixture(1, at: 0), .fixture(2, at: 200, read: 2000)]).first)
        #expect(priced.inputCost == Picodollars(2100 * 100 + 100 * 100 + 2000 * 10))
        #expect(priced.saving == CacheSaving(amount: Picodollars(2000 * 90)))
        let free = try #require(
            lines(of: [.fixture(1, at: 0, price: nil), .fixture(2, at: 200, read: 2000, price: nil)]).first)
        #expect(free.saving.known == nil && free.saving.tokensUnpriced == 2000)
        #expect(free.orderSaving?.known == nil && free.orderSaving?.tokens == 0)
    }
}
