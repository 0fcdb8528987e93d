import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct OutlookTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    /// Ten jobs a second for half a minute, that took these times.
    private func outlook(_ latencies: [Duration]) -> Outlook {
        var outlook = Outlook()
        for second in 0..<30 {
            for _ in 0..<10 { outlook.throughput.add(at: start + .seconds(second)) }
        }
        outlook.throughput.advance(to: start + .seconds(30))
        for latency in latencies { outlook.latencies.add(latency) }
        return outlook
    }

    @Test func `The last answer comes after the last job is sent`() throws {
        let outlook = outlook(Array(repeating: .seconds(2), count: 100))
        let left = try #require(outlook.timeLeft(waiting: 600, running: 5, sinceSent: .zero))
        #expect(left.contains(.seconds(62)))
        #expect(left.lowerBound > .seconds(60) && left.upperBound < .seconds(65))
    }

    @Test func `A few slow answers make the end less sure`() throws {
        let latencies =
            Array(repeating: Duration.seconds(2), count: 95) + Array(repeating: .seconds(20), count: 5)
        let left = try #require(outlook(latencies).timeLeft(waiting: 600, running: 20, sinceSent: .zero))
        #expect(left.upperBound > .seconds(78) && left.lowerBound < .seconds(63))
    }

    @Test func `When all is sent, the slowest answer is waited for, and then nothing is promised`() {
        let outlook = outlook(Array(repeating: .seconds(2), count: 99) + [.seconds(12)])
        #expect(
            outlook.timeLeft(waiting: 0, running: 3, sinceSent: .seconds(4)) == .zero...Duration.seconds(8))
        #expect(outlook.timeLeft(waiting: 0, running: 3, sinceSent: .seconds(13)) == nil)
        #expect(outlook.timeLeft(waiting: 0, running: 0, sinceSent: .zero) == nil)
    }

    @Test func `Only the newest latencies are kept`() {
        var sample = LatencySample()
        for _ in 0..<10 { sample.add(.seconds(100)) }
        for _ in 0..<LatencySample.countMax { sample.add(.seconds(1)) }
        #expect(sample.count == LatencySample.countMax && sample.quantile(1) == .seconds(1))
    }

    private let batch = BatchID(1)
    private let other = BatchID(2)

    private func cents(_ amount: Int) -> Picodollars { Picodollars(Int64(amount) * 10_000_000_000) }

    private func sample(_ costs: [Int]) -> CostSample {
        var sample = CostSample()
        for cost in costs { sample.add(cents(cost)) }
        return sample
    }

    @Test func `Four jobs say nothing of the cost of the others`() {
        let outlook = Outlook(costs: [batch: sample([1, 1, 1, 1])])
        #expect(outlook.cost(after: cents(4), open: 100, openByBatch: [:]) == nil)
    }

    @Test func `Jobs that all cost the same leave no doubt`() {
        let outlook = Outlook(costs: [batch: sample([2, 2, 2, 2, 2, 2])])
        #expect(outlook.cost(after: cents(12), open: 10, openByBatch: [:]) == cents(32)...cents(32))
    }

    @Test func `The more the costs differ, the wider the range, and it never says less than was spent`()
        throws
    {
        let outlook = Outlook(costs: [batch: sample([1, 9, 2, 8, 1, 9])])
        let range = try #require(outlook.cost(after: cents(30), open: 10, openByBatch: [:]))
        #expect(range.contains(cents(80)))
        #expect(range.lowerBound < cents(70) && range.upperBound > cents(90))
        let wild = Outlook(costs: [batch: sample([0, 0, 0, 0, 100])])
        let ends = try #require(wild.cost(after: cents(100), open: 5, openByBatch: [:]))
        #expect(ends.lowerBound >= cents(100))
    }

    @Test func `With an unpriced answer no end is foretold`() {
        let outlook = Outlook(costs: [batch: sample([2, 2, 2, 2, 2])], unpriced: 1)
        #expect(outlook.cost(after: cents(10), open: 10, openByBatch: [:]) == nil)
    }

    @Test func `Each batch counts at its own price`() {
        let outlook = Outlook(
            costs: [batch: sample([1, 1, 1, 1, 1]), other: sample([10, 10, 10, 10, 10])])
        let range = outlook.cost(after: cents(55), open: 10, openByBatch: [batch: 0, other: 10])
        #expect(range == cents(155)...cents(155))
    }

    @Test func `A batch that has not begun counts as the others do on average`() throws {
        let outlook = Outlook(costs: [batch: sample([3, 3, 3, 3, 3])])
        let range = outlook.cost(after: cents(15), open: 20, openByBatch: [batch: 10, other: 10])
        #expect(range == cents(75)...cents(75))
    }

    @Test func `A failed request that was billed is part of what a job costs`() {
        var sample = sample([2, 2, 2, 2, 2])
        sample.bill(cents(5))
        let outlook = Outlook(costs: [batch: sample])
        #expect(outlook.cost(after: cents(15), open: 5, openByBatch: [:]) == cents(30)...cents(30))
    }
}
