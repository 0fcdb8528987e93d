import ProviderStack
import Testing

@Suite struct AdaptiveConcurrencyTests {
    /// Sends as many as are allowed and lets them end, `refused` of them refused.
    private func window(_ concurrency: inout AdaptiveConcurrency, refused: Int = 0) {
        let epoch = concurrency.epoch
        let count = concurrency.limit
        concurrency.sent(inAir: count)
        for index in 0..<count { concurrency.ended(epoch: epoch, isRefused: index < refused) }
    }

    private func found(_ limit: Int) -> AdaptiveConcurrency {
        var concurrency = AdaptiveConcurrency()
        while concurrency.limit < limit * 2 { window(&concurrency) }
        while concurrency.limit > limit || concurrency.isInSlowStart {
            window(&concurrency, refused: max(2, concurrency.limit / 4))
        }
        return concurrency
    }

    @Test func `It doubles with each round of answers until something is refused`() {
        var concurrency = AdaptiveConcurrency()
        var limits: [Int] = []
        for _ in 0..<4 {
            window(&concurrency)
            limits.append(concurrency.limit)
        }
        #expect(limits == [16, 32, 64, 128])
    }

    @Test func `Where answers take long it doubles each second in which nothing is refused`() {
        var concurrency = AdaptiveConcurrency()
        concurrency.sent(inAir: 7, at: .seconds(0))
        #expect(concurrency.ripensAt == nil)
        concurrency.sent(inAir: 8, at: .seconds(1))
        concurrency.ripen(at: .seconds(1.9))
        #expect(concurrency.limit == 8 && concurrency.ripensAt == .seconds(2))
        concurrency.ripen(at: .seconds(2))
        #expect(concurrency.limit == 16 && concurrency.ripensAt == nil)
        concurrency.sent(inAir: 16, at: .seconds(2))
        concurrency.ended(epoch: 0, isRefused: true)
        concurrency.ripen(at: .seconds(9))
        #expect(concurrency.limit == 16)
    }

    @Test func `A limit that is not used does not grow`() {
        var concurrency = AdaptiveConcurrency()
        for _ in 0..<1000 {
            concurrency.sent(inAir: 3)
            concurrency.ended(epoch: 0, isRefused: false)
        }
        #expect(concurrency.limit == AdaptiveConcurrency.start)
    }

    @Test(arguments: [(2, 0.9), (13, 0.9), (40, 0.6875), (64, 0.5), (128, 0.5)])
    func `A window that was refused lowers it once, by what was refused, at most to a half`(
        refused: Int, factor: Double
    ) {
        var concurrency = AdaptiveConcurrency()
        while concurrency.limit < 128 { window(&concurrency) }
        window(&concurrency, refused: refused)
        let isJudged = Double(refused) / 128 >= AdaptiveConcurrency.shareMin
        #expect(concurrency.limit == (isJudged ? Int(128 * factor) : 128), "\(concurrency.limit)")
    }

    @Test func `One refusal is not enough, whatever its share`() {
        var concurrency = AdaptiveConcurrency()
        concurrency.sent(inAir: AdaptiveConcurrency.start)
        concurrency.ended(epoch: 0, isRefused: true)
        for _ in 0..<7 { concurrency.ended(epoch: 0, isRefused: false) }
        #expect(concurrency.limit == AdaptiveConcurrency.start)
    }

    @Test func `128 in the air that are all refused do not bring it down to single digits`() {
        var concurrency = AdaptiveConcurrency()
        while concurrency.limit < 128 { window(&concurrency) }
        for _ in 0..<128 { concurrency.ended(epoch: 0, isRefused: true) }
        #expect(concurrency.limit == 64 && concurrency.epoch == 1)
        for _ in 0..<128 { concurrency.ended(epoch: 0, isRefused: true) }
        #expect(concurrency.limit == 64, "they were sent before it was lowered")
    }

    @Test func `After slow start each clean window raises it by one`() {
        var concurrency = found(40)
        let before = concurrency.limit
        for _ in 0..<5 { window(&concurrency) }
        #expect(concurrency.limit == before + 5)
    }

    @Test func `A window with few refusals leaves it where it is`() {
        var concurrency = found(40)
        let before = concurrency.limit
        window(&concurrency, refused: 1)
        #expect(concurrency.limit == before)
    }

    @Test func `It never falls below one`() {
        var concurrency = AdaptiveConcurrency()
        for _ in 0..<2000 { concurrency.ended(epoch: concurrency.epoch, isRefused: true) }
        #expect(concurrency.limit == 1)
    }

    @Test func `It finds the limit of a server that bears forty at once, and stays near it`() {
        var concurrency = AdaptiveConcurrency()
        var refusals = 0
        var answers = 0
        for round in 0..<400 {
            let epoch = concurrency.epoch
            let count = concurrency.limit
            concurrency.sent(inAir: count)
            for index in 0..<count {
                concurrency.ended(epoch: epoch, isRefused: index >= 40)
                if round >= 20 {
                    answers += 1
                    refusals += index >= 40 ? 1 : 0
                }
            }
        }
        #expect(concurrency.limit > 30 && concurrency.limit < 48, "\(concurrency.limit)")
        #expect(Double(refusals) / Double(answers) < 0.08)
    }
}
