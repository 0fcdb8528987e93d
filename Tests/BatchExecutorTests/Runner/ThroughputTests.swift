import Foundation
import ParleyCore
import Testing

@testable import BatchExecutor

/// How long the rest takes, told from how fast jobs were finished; time is only a number here.
@Suite struct ThroughputTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    /// So many jobs finished in each second.
    private func throughput(_ seconds: [Int]) -> Throughput {
        var throughput = Throughput()
        for (second, count) in seconds.enumerated() {
            for _ in 0..<count { throughput.add(at: start + .seconds(second)) }
        }
        throughput.advance(to: start + .seconds(seconds.count))
        return throughput
    }

    private func seconds(_ range: ClosedRange<Duration>?) throws -> ClosedRange<Double> {
        let range = try #require(range)
        return range.lowerBound.seconds...range.upperBound.seconds
    }

    @Test func `Before there is evidence nothing is said`() {
        #expect(Throughput().timeLeft(for: 100, running: 8) == nil)
        #expect(throughput([5, 4]).timeLeft(for: 100, running: 1) == nil)
        #expect(throughput([3, 3, 3]).timeLeft(for: 100, running: 1) == nil)
    }

    @Test func `When nothing is left there is no time left`() {
        #expect(throughput([10, 10, 10, 10]).timeLeft(for: 0, running: 0) == nil)
    }

    @Test func `A steady pace gives a narrow range around the truth`() throws {
        let left = try seconds(throughput(Array(repeating: 10, count: 30)).timeLeft(for: 600, running: 5))
        #expect(left.contains(60))
        #expect(left.upperBound - left.lowerBound < 3)
    }

    @Test func `An unsteady pace gives a wider range`() throws {
        let steady = try seconds(throughput(Array(repeating: 10, count: 30)).timeLeft(for: 600, running: 5))
        let uneven = (0..<30).map { [4, 18, 9, 2, 17][$0 % 5] }
        let unsteady = try seconds(throughput(uneven).timeLeft(for: 600, running: 5))
        #expect(unsteady.contains(60))
        #expect(
            unsteady.upperBound - unsteady.lowerBound > 3 * (steady.upperBound - steady.lowerBound))
    }

    @Test func `The range narrows as the run goes on`() throws {
        let pattern = (0..<60).map { [6, 14, 9, 11, 13, 7][$0 % 6] }
        let early = try seconds(throughput(Array(pattern.prefix(6))).timeLeft(for: 540, running: 5))
        let late = try seconds(throughput(pattern).timeLeft(for: 540, running: 5))
        #expect(early.contains(54) && late.contains(54))
        #expect(late.upperBound - late.lowerBound < early.upperBound - early.lowerBound)
    }

    @Test func `Slow stretches in a row make it less sure than the same ones scattered`() throws {
        let scattered = (0..<48).map { $0 % 2 == 0 ? 5 : 15 }
        let together = (0..<48).map { $0 % 24 < 12 ? 5 : 15 }
        let one = try seconds(throughput(scattered).timeLeft(for: 1000, running: 5))
        let other = try seconds(throughput(together).timeLeft(for: 1000, running: 5))
        #expect(other.upperBound - other.lowerBound > 2 * (one.upperBound - one.lowerBound))
    }

    @Test func `Once the pace is clearly another one, what was before does not count`() throws {
        let slower = Array(repeating: 20, count: 40) + Array(repeating: 5, count: 60)
        let left = try seconds(throughput(slower).timeLeft(for: 1000, running: 5))
        // By the whole run's average of 11 a second it would be 91 s.
        #expect(left.contains(200) && left.upperBound - left.lowerBound < 20)
    }

    @Test func `Answers that come together are not taken for an unsteady pace`() throws {
        // 40 at once are asked and take 10 s each.
        let bursts = (0..<60).map { $0 % 10 == 0 ? 40 : 0 }
        let left = try seconds(throughput(bursts).timeLeft(for: 400, running: 40))
        #expect(left.contains(100))
        #expect(left.upperBound < 150)
    }

    @Test func `Four of five runs that go on as they went keep to the range`() {
        var random = Seeded(state: 7)
        var kept = 0
        let runs = 300
        for _ in 0..<runs {
            // 700 jobs that end by chance, ten a second; after 100 of them it says how long the rest takes.
            var ends: [Double] = []
            for _ in 0..<700 { ends.append((ends.last ?? 0) - log(1 - random.fraction) / 10) }
            var throughput = Throughput()
            for end in ends.prefix(100) { throughput.add(at: start + .milliseconds(Int(end * 1000))) }
            let left = throughput.timeLeft(for: 600, running: 1)
            if left?.contains(.seconds(ends[699] - ends[99])) == true { kept += 1 }
        }
        #expect((220...270).contains(kept), "\(kept) of \(runs)")
    }

    @Test func `A halt of everything lets no range be named before it goes on`() throws {
        let halted = Array(repeating: 10, count: 10) + Array(repeating: 0, count: 50)
        #expect(throughput(halted).timeLeft(for: 1000, running: 1) == nil)
    }

    @Test func `However long a run lasts, no more than 64 counts are kept`() throws {
        var throughput = Throughput()
        for second in 0..<20_000 {
            throughput.add(at: start + .seconds(second))
            #expect(throughput.counts.count <= Throughput.stretchesMax)
        }
        #expect(throughput.width == Throughput.widthMax)
        let left = try seconds(throughput.timeLeft(for: 3600, running: 2))
        #expect(left.contains(3600) && left.upperBound < 3700)
    }

    @Test func `A night without a single answer is forgotten`() throws {
        var throughput = throughput(Array(repeating: 10, count: 30))
        for second in 50_000..<50_200 {
            for _ in 0..<4 { throughput.add(at: start + .seconds(second)) }
        }
        #expect(throughput.counts.count <= Throughput.stretchesMax)
    }

    @Test func `A clock that is set back loses no job`() {
        var throughput = throughput([10, 10])
        throughput.add(at: start - .seconds(3600))
        #expect(throughput.counts.reduce(0, +) == 21)
    }
}

/// A generator that gives the same numbers every time.
private struct Seeded {
    var state: UInt64

    /// From 0 to 1.
    var fraction: Double {
        mutating get {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
    }
}
