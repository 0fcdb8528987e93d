import ParleyCore
import ProviderStack
import Testing

@Suite struct HeaderReadingTests {
    @Test func `Milliseconds go before seconds`() {
        #expect(retryAfter(["retry-after-ms": "1500", "retry-after": "9"]) == .milliseconds(1500))
    }

    @Test(arguments: [
        ("7", Duration.seconds(7)), ("0", .zero), ("1.5", .milliseconds(1500)),
        ("Fri, 15 Jan 2027 08:00:30 GMT", .seconds(30)), ("Fri, 15 Jan 2027 07:59:00 GMT", .zero),
        ("Friday, 15-Jan-27 08:01:00 GMT", .seconds(60)),
    ])
    func `Retry-After is seconds or a date`(text: String, expected: Duration) {
        // 1,800,000,000 seconds after 1970 is 15 January 2027, 08:00:00 UTC.
        #expect(retryAfter(["retry-after": text]) == expected)
    }

    @Test(arguments: ["soon", "-3", "", "Fri, 45 Jan 2027 08:00:30 GMT", "nan"])
    func `What cannot be read is no wish`(text: String) {
        #expect(retryAfter(["retry-after": text]) == nil)
    }

    @Test(arguments: ["1e300", "inf", "99999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    func `A wish without measure is taken for a year`(text: String) {
        #expect(retryAfter(["retry-after": text]) == RetryAfter.longest)
        #expect(RetryAfter.longest == .seconds(31_536_000))
    }

    @Test func `Rate-limit headers are read with their resets`() throws {
        let headers = [
            "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "499",
            "x-ratelimit-reset-requests": "120ms", "x-ratelimit-limit-tokens": "30000",
            "x-ratelimit-remaining-tokens": "29976", "x-ratelimit-reset-tokens": "6m0s",
        ]
        let reading = try #require(RateLimitReading { headers[$0] })
        #expect(reading.requests == .init(limit: 500, remaining: 499, resetsIn: .milliseconds(120)))
        #expect(reading.tokens == .init(limit: 30_000, remaining: 29_976, resetsIn: .seconds(360)))
    }

    @Test(arguments: [("1h2m3.5s", 3_723_500), ("59.70s", 59_700), ("2", 2000), ("1d", 86_400_000)])
    func `Resets are Go durations or seconds`(text: String, milliseconds: Int) {
        let reading = RateLimitReading { $0 == "x-ratelimit-reset-tokens" ? text : nil }
        #expect(reading?.tokens.resetsIn == .milliseconds(milliseconds))
    }

    @Test func `No headers, no reading`() {
        #expect(RateLimitReading { _ in nil } == nil)
        #expect(RateLimitReading { $0.hasSuffix("reset-requests") ? "whenever" : nil } == nil)
    }

    private func retryAfter(_ headers: [String: String]) -> Duration? {
        RetryAfter.read(now: .seconds(0)) { headers[$0] }
    }
}
