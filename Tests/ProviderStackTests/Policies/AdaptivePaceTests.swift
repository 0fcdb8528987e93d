import ParleyCore
import ProviderStack
import Testing

@Suite struct AdaptivePaceTests {
    /// What came of a time of sending to a server with a leaky bucket, by second.
    private struct Course {
        var sent = [Int](repeating: 0, count: 0)
        var refused = [Int](repeating: 0, count: 0)
        var paces: [Double] = []

        func share(from second: Int) -> Double {
            Double(refused[second...].reduce(0, +)) / Double(sent[second...].reduce(0, +))
        }

        func accepted(from second: Int) -> Double {
            Double(sent[second...].reduce(0, +) - refused[second...].reduce(0, +))
                / Double(sent.count - second)
        }
    }

    /// Sends as fast as the pace allows; without one, `eager` requests a second. Answers come after `latency`.
    private func course(
        seconds: Int, limit: (Int) -> Double, burst: Double = 1, eager: Double = 1000, latency: Int64 = 5
    ) -> Course {
        var course = Course(
            sent: .init(repeating: 0, count: seconds), refused: .init(repeating: 0, count: seconds))
        var pace = AdaptivePace()
        var learnt: LearntPace?
        var bucket = TokenBucket()
        var excess = 0.0
        var seenAt: Double?
        var landing: [(at: Int64, sentAt: Timestamp, epoch: Int, isRefused: Bool)] = []
        var next = 0.0
        for millisecond in 0..<(Int64(seconds) * 1000) {
            let now = Timestamp(milliseconds: 1_000_000 + millisecond)
            while let first = landing.first, first.at <= millisecond {
                landing.removeFirst()
                if first.isRefused {
                    learnt = pace.refused(epoch: first.epoch, at: now, learnt: learnt)
                } else {
                    learnt = pace.answered(sentAt: first.sentAt, at: now, learnt: learnt)
                }
                var state = bucket.state
                state.learnt = learnt
                bucket = TokenBucket(limits: RateLimits(), state: state)
            }
            while learnt == nil ? next <= Double(millisecond) : bucket.expectedWait(at: now) == .zero {
                if learnt != nil { _ = bucket.reserve(tokens: 0, at: now) }
                next = Double(millisecond) + 1000 / eager
                pace.sent(at: now, hasWaited: learnt != nil, learnt: learnt)
                let second = Int(millisecond / 1000)
                let passed = seenAt.map { Double(millisecond) - $0 } ?? 0
                let more = max(0, excess - passed * limit(second) / 1000) + (seenAt == nil ? 0 : 1)
                let isRefused = more > burst
                if !isRefused {
                    excess = more
                    seenAt = Double(millisecond)
                }
                course.sent[second] += 1
                course.refused[second] += isRefused ? 1 : 0
                landing.append((millisecond + latency, now, pace.epoch, isRefused))
                if learnt == nil, next > Double(millisecond) { break }
            }
            if millisecond % 1000 == 999 { course.paces.append((learnt?.perMinute ?? 0) / 60) }
        }
        return course
    }

    @Test(arguments: [2.0, 7, 50, 300])
    func `It finds a limit that nobody tells and uses nine tenths of it, with few refusals`(limit: Double) {
        let course = course(seconds: 400, limit: { _ in limit }, burst: max(1, limit / 50))
        #expect(course.accepted(from: 60) >= limit * 0.9, "\(course.accepted(from: 60)) \(course.paces)")
        #expect(course.share(from: 60) <= 0.01, "\(course.share(from: 60)) \(course.paces)")
    }

    @Test func `It does so within thirty seconds where there are fifty a second`() {
        let course = course(seconds: 90, limit: { _ in 50 })
        #expect(course.accepted(from: 30) >= 45, "\(course.paces)")
        #expect(course.share(from: 0) <= 0.01, "\(course.share(from: 0)) \(course.refused)")
    }

    @Test func `A limit that was raised is found within two minutes`() {
        let course = course(seconds: 240, limit: { $0 < 60 ? 20 : 80 })
        #expect(course.accepted(from: 180) >= 72, "\(course.paces)")
    }

    @Test func `A limit that was lowered is found within a minute`() {
        let course = course(seconds: 150, limit: { $0 < 60 ? 80 : 20 })
        #expect(course.accepted(from: 120) >= 18, "\(course.paces)")
        #expect(course.share(from: 120) <= 0.02)
    }

    @Test func `It does so where answers take two seconds, too`() {
        let course = course(seconds: 240, limit: { _ in 20 }, burst: 5, eager: 100, latency: 2000)
        #expect(course.accepted(from: 90) >= 18, "\(course.paces)")
        #expect(course.share(from: 90) <= 0.015, "\(course.paces)")
    }

    @Test func `Nothing is paced while nothing is refused`() {
        var pace = AdaptivePace()
        for second in 0..<100 {
            pace.sent(at: .seconds(Double(second)), hasWaited: false, learnt: nil)
            #expect(
                pace.answered(
                    sentAt: .seconds(Double(second)), at: .seconds(Double(second) + 0.5), learnt: nil) == nil)
        }
    }

    @Test func `All that were in the air when it was lowered lower it once`() {
        var pace = AdaptivePace()
        for _ in 0..<50 { pace.sent(at: .seconds(1), hasWaited: false, learnt: nil) }
        _ = pace.answered(sentAt: .seconds(1), at: .seconds(1.5), learnt: nil)
        var learnt = pace.refused(epoch: 0, at: .seconds(2), learnt: nil)
        let first = learnt?.perMinute
        #expect(first == 1500)
        for _ in 0..<49 { learnt = pace.refused(epoch: 0, at: .seconds(2.1), learnt: learnt) }
        #expect(learnt?.perMinute == first)
    }

    @Test func `What another process has lowered is not lowered again by what was on its way`() {
        var pace = AdaptivePace()
        let known = LearntPace(perMinute: 600, loweredAt: .seconds(0), changedAt: .seconds(0))
        let heard = LearntPace(perMinute: 300, loweredAt: .seconds(5), changedAt: .seconds(5))
        let before = pace.epoch
        pace.heard(of: heard, insteadOf: known, at: .seconds(6))
        #expect(pace.refused(epoch: before, at: .seconds(6), learnt: heard) == heard)
        let raised = LearntPace(perMinute: 310, loweredAt: .seconds(5), changedAt: .seconds(9))
        pace.heard(of: raised, insteadOf: heard, at: .seconds(9))
        _ = pace.answered(sentAt: .seconds(9), at: .seconds(9), learnt: raised)
        let lowered = pace.refused(epoch: before + 1, at: .seconds(10), learnt: raised)
        #expect(lowered.map { $0.perMinute < 310 } == true)
    }

    @Test func `A provider that takes nothing at all is not asked too fast`() {
        var pace = AdaptivePace()
        var learnt: LearntPace?
        for second in 1..<20 {
            pace.sent(at: .seconds(Double(second)), hasWaited: false, learnt: learnt)
            learnt = pace.refused(epoch: pace.epoch, at: .seconds(Double(second) + 0.5), learnt: learnt)
        }
        #expect(learnt == nil)
    }

    @Test func `Many at once that are all refused set a pace, once`() {
        var pace = AdaptivePace()
        var learnt: LearntPace?
        for _ in 0..<8 { pace.sent(at: .seconds(1), hasWaited: false, learnt: learnt) }
        let epoch = pace.epoch
        for left in (0..<8).reversed() {
            learnt = pace.refused(epoch: epoch, isAlone: left == 0, at: .seconds(1), learnt: learnt)
        }
        // Eight in a tenth of a second were too many; half of that.
        #expect(learnt?.perMinute == 2400)
        for _ in 0..<100 { learnt = pace.refused(epoch: pace.epoch, at: .seconds(2), learnt: learnt) }
        #expect(learnt?.perMinute == 2400, "nothing was taken under it")
    }

    @Test func `It never falls below its floor`() {
        var pace = AdaptivePace()
        var learnt: LearntPace?
        for second in 1..<200 {
            pace.sent(at: .seconds(Double(second)), hasWaited: true, learnt: learnt)
            learnt = pace.answered(
                sentAt: .seconds(Double(second)), at: .seconds(Double(second) + 0.4), learnt: learnt)
            learnt = pace.refused(epoch: pace.epoch, at: .seconds(Double(second) + 0.5), learnt: learnt)
        }
        #expect(learnt?.perMinute == AdaptivePace.perMinuteMin)
    }

    @Test func `A pace that nobody has to wait for is not raised`() {
        var pace = AdaptivePace()
        var learnt: LearntPace? = LearntPace(perMinute: 60, loweredAt: .seconds(0), changedAt: .seconds(0))
        for second in 1..<200 {
            pace.sent(at: .seconds(Double(second)), hasWaited: false, learnt: learnt)
            learnt = pace.answered(
                sentAt: .seconds(Double(second)), at: .seconds(Double(second) + 0.1), learnt: learnt)
        }
        #expect(learnt?.perMinute == 60)
    }
}
