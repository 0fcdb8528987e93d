import ParleyCore
import ProviderStack
import Testing

@Suite struct AnthropicLimitTests {
    /// 1,800,000,000 seconds after 1970: 15 January 2027, 08:00:00 UTC.
    private let now = Timestamp.seconds(0)

    @Test func `Anthropic's limits are read, input and output apart`() throws {
        let headers = [
            "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2027-01-15T08:00:01Z",
            "anthropic-ratelimit-tokens-limit": "38000", "anthropic-ratelimit-tokens-remaining": "37000",
            "anthropic-ratelimit-tokens-reset": "2027-01-15T08:00:02Z",
            "anthropic-ratelimit-input-tokens-limit": "30000",
            "anthropic-ratelimit-input-tokens-remaining": "29000",
            "anthropic-ratelimit-input-tokens-reset": "2027-01-15T08:00:03Z",
            "anthropic-ratelimit-output-tokens-limit": "8000",
            "anthropic-ratelimit-output-tokens-remaining": "7900",
            "anthropic-ratelimit-output-tokens-reset": "2027-01-15T08:00:04Z",
        ]
        let reading = try #require(RateLimitReading(now: now) { headers[$0] })
        #expect(reading.requests == .init(limit: 50, remaining: 49, resetsIn: .seconds(1)))
        #expect(reading.tokens == .init(limit: 38_000, remaining: 37_000, resetsIn: .seconds(2)))
        #expect(reading.inputTokens == .init(limit: 30_000, remaining: 29_000, resetsIn: .seconds(3)))
        #expect(reading.outputTokens == .init(limit: 8000, remaining: 7900, resetsIn: .seconds(4)))
    }

    @Test(arguments: [
        ("2027-01-15T08:00:30Z", 30_000), ("2027-01-15T08:00:30.25Z", 30_250),
        ("2027-01-15t08:00:30.123456z", 30_123), ("2027-01-15T10:00:30+02:00", 30_000),
        ("2027-01-15T02:30:30-05:30", 30_000), ("2028-02-29T08:00:00Z", 410 * 86_400_000),
        ("2027-01-15T07:59:00Z", 0),
    ])
    func `A reset is a moment, and one in the past is now`(text: String, milliseconds: Int) {
        #expect(reset(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "2027-13-15T08:00:30Z", "2027-01-15T08:00:30", "2027-01-15T24:00:30Z", "2027-01-15",
        "2027-01-15T08:00:30.Z", "2027-01-15T08:00:30+2:00", "2027/01/15T08:00:30Z", "tomorrow",
        "2027-01-15T0x:00:30Z", "",
    ])
    func `What is no moment is passed over`(text: String) { #expect(reset(text) == nil) }

    @Test func `Without the time of day a moment says nothing`() {
        let reading = RateLimitReading { name in
            name == "anthropic-ratelimit-tokens-reset" ? "2027-01-15T08:00:30Z" : nil
        }
        #expect(reading == nil)
    }

    private func reset(_ text: String) -> Duration? {
        RateLimitReading(now: now) { $0 == "anthropic-ratelimit-tokens-reset" ? text : nil }?.tokens.resetsIn
    }
}
