import ParleyCore
import ProviderStack
import Testing

@Suite struct TokenBucketTests {
    @Test(arguments: [1, 7, 60, 100, 146, 147, 148, 500, 3000, 10_000])
    func `No sixty seconds ever hold more requests than the limit`(limit: Int) {
        for lateness in [0.0, 0.3, 0.9, 5] {
            let starts = starts(limit: limit, count: limit * 3 + 3, workers: 64, lateness: lateness)
            for (index, start) in starts.enumerated() where index >= limit {
                #expect(
                    start.since(starts[index - limit]) >= .seconds(60) - .milliseconds(2),
                    "limit \(limit), late by \(lateness) s")
            }
        }
    }

    @Test(arguments: [60, 500, 3000])
    func `At least 98 % of the limit is used, even by callers that are a little late`(limit: Int) {
        for lateness in [0.0, 0.2, 0.4] {
            let starts = starts(limit: limit, count: limit * 10, workers: 64, lateness: lateness)
            let minutes = starts.last!.since(starts[0]).seconds / 60
            #expect(Double(starts.count - 1) / minutes >= 0.98 * Double(limit))
        }
    }

    @Test func `Requests are spread over the minute`() {
        var bucket = TokenBucket(requestsPerMinute: 60)
        let starts = (0..<5).map { _ in bucket.reserve(tokens: 0, at: .seconds(0)).startsAt }
        #expect(starts[0] == .seconds(0))
        #expect(starts[1].since(starts[0]) >= .seconds(1) - TokenBucket.requestSlackMax)
        for (earlier, later) in zip(starts.dropFirst(), starts.dropFirst(2)) {
            let gap = later.since(earlier)
            #expect(gap >= .milliseconds(1006) && gap <= .milliseconds(1009))
        }
    }

    @Test func `Idle time is not saved up`() {
        var bucket = TokenBucket(requestsPerMinute: 60)
        _ = bucket.reserve(tokens: 0, at: .seconds(0))
        let starts = (0..<3).map { _ in bucket.reserve(tokens: 0, at: .seconds(600)).startsAt }
        #expect(starts[2] >= .seconds(601))
    }

    @Test
    func `A server that lets one request in a row come too soon is content, however late the callers are`() {
        let starts = starts(limit: 3000, count: 6000, workers: 64, lateness: 0.9)
        // nginx's leaky bucket at 50 requests a second with burst=1, in thousandths of a request.
        var excess = 0
        var last = starts[0]
        for start in starts.dropFirst() {
            excess = max(0, excess - 50 * Int(start.since(last).milliseconds) + 1000)
            #expect(excess <= 1000)
            last = start
        }
    }

    @Test func `A learnt pace holds where no limit is told, and no longer than that`() {
        var bucket = TokenBucket()
        #expect(!bucket.isPaced)
        bucket = TokenBucket(limits: RateLimits(), state: .learnt(perMinute: 60))
        _ = bucket.reserve(tokens: 0, at: .seconds(0))
        #expect(bucket.isPaced && bucket.expectedWait(at: .seconds(0)) >= .milliseconds(800))
        bucket.setLimits(RateLimits(requests: 6000))
        let now = Timestamp.seconds(2)
        let starts = (0..<3).map { _ in bucket.reserve(tokens: 0, at: now).startsAt }
        #expect(starts[2].since(now) < .milliseconds(50))
    }

    @Test func `Tokens are paced like requests`() {
        var bucket = TokenBucket(tokensPerMinute: 6000)
        _ = bucket.reserve(tokens: 300, at: .seconds(0))
        let next = bucket.reserve(tokens: 300, at: .seconds(0))
        let gap = bucket.reserve(tokens: 300, at: .seconds(0)).startsAt.since(next.startsAt)
        #expect(gap > .seconds(3) && gap < .milliseconds(3100))
    }

    @Test func `What was reserved too much is given back`() {
        var bucket = TokenBucket(tokensPerMinute: 6000)
        let reservation = bucket.reserve(tokens: 3000, at: .seconds(0))
        bucket.settle(reservation, tokens: 300)
        #expect(bucket.reserve(tokens: 1, at: .seconds(0)).startsAt < .seconds(3.1))
    }

    @Test func `What was reserved too little is taken`() {
        var bucket = TokenBucket(tokensPerMinute: 6000)
        bucket.settle(bucket.reserve(tokens: 100, at: .seconds(0)), tokens: 1000)
        #expect(bucket.reserve(tokens: 1, at: .seconds(0)).startsAt > .seconds(9))
    }

    @Test func `A reservation that was not used leaves no trace`() {
        var bucket = TokenBucket(requestsPerMinute: 10, tokensPerMinute: 1000)
        _ = bucket.reserve(tokens: 10, at: .seconds(0))
        let before = bucket
        bucket.free(bucket.reserve(tokens: 500, at: .seconds(0)))
        #expect(bucket == before)
    }

    @Test func `A request larger than a minute's tokens is let through and paid for afterwards`() {
        var bucket = TokenBucket(tokensPerMinute: 1000)
        #expect(bucket.reserve(tokens: 3000, at: .seconds(0)).startsAt == .seconds(0))
        #expect(bucket.reserve(tokens: 1, at: .seconds(0)).startsAt > .seconds(180))
    }

    @Test func `A pause holds everybody, those with a reservation too`() {
        var bucket = TokenBucket(requestsPerMinute: 600)
        let waiting = bucket.reserve(tokens: 0, at: .seconds(0))
        bucket.pause(until: .seconds(20))
        bucket.pause(until: .seconds(5))
        #expect(bucket.wait(for: waiting, at: .seconds(0)) == .seconds(20))
        #expect(bucket.reserve(tokens: 0, at: .seconds(1)).startsAt >= .seconds(20))
    }

    @Test func `After a pause the pace is kept`() {
        var bucket = TokenBucket(requestsPerMinute: 60)
        bucket.pause(until: .seconds(20))
        let starts = (0..<3).map { _ in bucket.reserve(tokens: 0, at: .seconds(0)).startsAt }
        #expect(starts[0] == .seconds(20) && starts[2] > .seconds(22))
    }

    @Test func `Without limits nobody waits`() {
        var bucket = TokenBucket()
        for _ in 0..<100 {
            #expect(bucket.reserve(tokens: 1_000_000, at: .seconds(0)).startsAt == .seconds(0))
        }
    }

    @Test func `A restart goes on where the last run stopped`() {
        var bucket = TokenBucket(requestsPerMinute: 6)
        for _ in 0..<3 { _ = bucket.reserve(tokens: 0, at: .seconds(0)) }
        var restarted = TokenBucket(requestsPerMinute: 6, state: bucket.state)
        #expect(restarted.reserve(tokens: 0, at: .seconds(1)).startsAt > .seconds(29))
    }

    /// When so many workers start their requests: each reserves, waits, starts a little late, and is busy for a second.
    private func starts(limit: Int, count: Int, workers: Int, lateness: Double) -> [Timestamp] {
        var bucket = TokenBucket(requestsPerMinute: limit)
        var random = FixedRandom(state: 4)
        var freeAt = [Timestamp](repeating: .seconds(0), count: workers)
        return (0..<count).map { _ in
            let next = freeAt.indices.min { freeAt[$0] < freeAt[$1] }!
            let start = bucket.reserve(tokens: 0, at: freeAt[next]).startsAt
            let late = Int64(Double.random(in: 0...1, using: &random) * lateness * 1000)
            freeAt[next] = start + .milliseconds(late) + .seconds(1)
            return start
        }
    }
}

extension LimiterState {
    fileprivate static func learnt(perMinute: Double) -> LimiterState {
        var state = LimiterState()
        state.learnt = LearntPace(perMinute: perMinute, loweredAt: .seconds(0), changedAt: .seconds(0))
        return state
    }
}
