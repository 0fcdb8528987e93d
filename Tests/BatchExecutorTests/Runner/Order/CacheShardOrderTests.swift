import ConversationStore
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

/// A provider that sends only 15 requests a minute with one beginning and key to one machine.
struct CacheShardOrderTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    private func queue(groups: Int, jobs: Int) -> PrefixQueue {
        var queue = PrefixQueue(rules: .rules(for: ModelName("openai/gpt-5")!))
        for number in 0..<groups * jobs {
            let key = PrefixKey(short: UInt32(number % groups + 1), long: nil)
            let beginning = SharedBeginning(
                name: .own(key, level: 1), tokens: 5000, mates: number < groups ? 1 : 0)
            queue.expect([beginning])
            queue.add(
                LeasedJob(
                    lease: Lease(job: JobID(Int64(number)), token: Array(repeating: 1, count: 16)),
                    batch: BatchID(1), key: "\(number)", input: "{}", prefix: key),
                beginnings: [beginning])
        }
        queue.isExhausted = true
        return queue
    }

    /// Sends everything, `hands` at once, an answer taking ten ticks and its first token three; gives the number of leaders.
    private func leaders(of queue: inout PrefixQueue, hands: Int, tick: Duration = .milliseconds(10)) -> Int {
        var leaders = 0
        var inAir: [(job: JobID, since: Int, leads: Bool)] = []
        var sent = 0
        let count = queue.count
        for time in 0..<100_000 where sent < count || !inAir.isEmpty {
            let moment = now + tick * time
            for flight in inAir where flight.leads && time - flight.since == 3 {
                queue.ripen(flight.job, at: moment)
            }
            inAir.removeAll { time - $0.since >= 10 }
            while inAir.count < hands, let next = queue.next(at: moment) {
                inAir.append((next.job.lease.job, time, next.place.isLeader))
                sent += 1
                if next.place.isLeader { leaders += 1 }
            }
        }
        #expect(sent == count)
        return leaders
    }

    @Test(arguments: [1, 8, 64]) func `As many copies are written as the minute needs, and no more`(
        hands: Int
    ) {
        var queue = queue(groups: 5, jobs: 200)
        // All within one minute: a copy for every 15 of the 200, for each of the five.
        #expect(leaders(of: &queue, hands: hands, tick: .milliseconds(1)) == 5 * 14)
    }

    @Test func `Requests that are spread over minutes use the same copies again`() {
        var queue = queue(groups: 50, jobs: 40)
        // 2,000 requests at 100 a minute: two a minute with each beginning.
        // Only towards the end, when few beginnings are left, one of them may be asked for more often.
        #expect((50...60).contains(leaders(of: &queue, hands: 1, tick: .milliseconds(60))))
    }

    @Test func `A copy takes no more than its share of a minute`() {
        var queue = queue(groups: 1, jobs: 40)
        var shards: [Int: Int] = [:]
        while let next = queue.next(at: now) {
            shards[next.place.shard, default: 0] += 1
            if next.place.isLeader { queue.ripen(next.job.lease.job, at: now) }
        }
        #expect(shards == [0: 15, 1: 15, 2: 10])
    }
}
