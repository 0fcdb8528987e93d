import ConversationStore
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

struct PrefixQueueTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)

    private func queue(_ model: String = "anthropic/claude-sonnet-5") -> PrefixQueue {
        PrefixQueue(rules: .rules(for: ModelName(model)!))
    }

    private func job(_ number: Int, _ group: Int? = nil) -> LeasedJob {
        LeasedJob(
            lease: Lease(job: JobID(Int64(number)), token: Array(repeating: 1, count: 16)),
            batch: BatchID(1), key: "\(number)", input: "{}",
            prefix: group.map { PrefixKey(short: UInt32($0), long: nil) })
    }

    private func beginning(_ group: Int, tokens: Int = 5000, mates: Int = 64) -> SharedBeginning {
        SharedBeginning(
            name: .own(PrefixKey(short: UInt32(group), long: nil), level: 1), tokens: tokens, mates: mates)
    }

    /// Adds jobs `numbers` that share the beginning `group`; `mates` more wait in the store.
    private func add(
        _ numbers: ClosedRange<Int>, _ group: Int, to queue: inout PrefixQueue, tokens: Int = 5000,
        mates: Int = 0
    ) {
        for number in numbers {
            let mates = mates + (number == numbers.lowerBound && numbers.count > 1 ? 1 : 0)
            add(job(number, group), [beginning(group, tokens: tokens, mates: mates)], to: &queue)
        }
    }

    private func add(_ job: LeasedJob, _ beginnings: [SharedBeginning], to queue: inout PrefixQueue) {
        queue.expect(beginnings)
        queue.add(job, beginnings: beginnings)
    }

    private func keys(_ queue: inout PrefixQueue, at moment: Timestamp? = nil) -> [String] {
        var keys: [String] = []
        while let next = queue.next(at: moment ?? now) { keys.append(next.job.key) }
        return keys
    }

    @Test func `One leads, and the others go when its first token has come`() {
        var queue = queue()
        add(1...4, 7, to: &queue)
        let leader = queue.next(at: now)
        #expect(leader?.place.isLeader == true && leader?.job.key == "1")
        #expect(queue.readyCount(at: now, upTo: 9) == 0 && queue.next(at: now) == nil)
        queue.ripen(JobID(1), at: now)
        #expect(queue.readyCount(at: now, upTo: 9) == 3)
        let second = queue.next(at: now)
        #expect(second?.place.isLeader == false && second?.place.level == 1)
        #expect(keys(&queue) == ["3", "4"])
    }

    @Test func `While one group waits for its leader the leaders of others go`() {
        var queue = queue()
        for group in 1...3 { add(group * 10...group * 10 + 2, group, to: &queue) }
        #expect(keys(&queue) == ["10", "20", "30"])
        queue.ripen(JobID(20), at: now)
        #expect(keys(&queue) == ["21", "22"])
    }

    @Test func `A leader that fails passes the lead on`() {
        var queue = queue()
        add(1...3, 7, to: &queue)
        _ = queue.next(at: now)
        queue.end(JobID(1))
        let next = queue.next(at: now)
        #expect(next?.job.key == "2" && next?.place.isLeader == true)
        #expect(queue.next(at: now) == nil)
    }

    @Test func `A leader that goes back leads no more, and goes first again`() throws {
        var queue = queue()
        add(1...3, 7, to: &queue)
        let taken = queue.next(at: now)
        let leader = try #require(taken)
        queue.putBack(leader.job, leader.place)
        #expect(queue.count == 3)
        let again = queue.next(at: now)
        #expect(again?.job.key == "1" && again?.place.isLeader == true)
    }

    @Test func `A group's last job that goes back is not behind the groups that came later`() throws {
        var queue = queue()
        add(1...2, 7, to: &queue)
        add(11...12, 8, to: &queue)
        _ = queue.next(at: now)
        queue.ripen(JobID(1), at: now)
        let taken = queue.next(at: now)
        let last = try #require(taken)
        queue.putBack(last.job, last.place)
        #expect(queue.next(at: now)?.job.key == "2")
    }

    @Test func `A beginning under the model's minimum holds nobody back`() {
        var queue = queue()
        add(1...5, 7, to: &queue, tokens: 1023)
        #expect(queue.readyCount(at: now, upTo: 9) == 5)
        #expect(keys(&queue).count == 5)
    }

    @Test func `A job alone with its beginning waits for nobody, and writes nothing`() {
        var queue = queue()
        for number in 1...5 {
            add(job(number, number), [beginning(number, mates: 0)], to: &queue)
        }
        var places: [CachePlace] = []
        while let next = queue.next(at: now) { places.append(next.place) }
        #expect(places.count == 5)
        #expect(places.allSatisfy { !$0.isLeader && $0.level == nil && $0.retention == .none })
    }

    @Test func `A beginning that nobody was known to share is shared when it comes again`() {
        var queue = queue()
        add(job(1, 7), [beginning(7, mates: 0)], to: &queue)
        _ = queue.next(at: now)
        add(job(2, 7), [beginning(7, mates: 0)], to: &queue)
        #expect(queue.next(at: now)?.place.isLeader == true)
    }

    @Test func `Two that come together share their beginning from the first on`() {
        var queue = queue()
        for number in 1...2 { queue.expect([beginning(number, mates: 0), beginning(9, mates: 0)]) }
        for number in 1...2 { queue.add(job(number, 9), beginnings: [beginning(9, mates: 0)]) }
        let first = queue.next(at: now)
        #expect(first?.place.isLeader == true && first?.place.level == 1)
        #expect(queue.next(at: now) == nil)
    }

    @Test func `In the order of arrival nobody waits, and what is shared is known all the same`() {
        var queue = PrefixQueue()
        add(1...3, 7, to: &queue)
        add(4...4, 8, to: &queue)
        var levels: [Int?] = []
        while let next = queue.next(at: now) { levels.append(next.place.level) }
        #expect(levels == [1, 1, 1, nil])
    }

    @Test func `DeepSeek's beginnings have two leaders, one after the other`() {
        var queue = queue("deepseek/deepseek-chat")
        add(1...5, 7, to: &queue)
        #expect(keys(&queue) == ["1"])
        queue.ripen(JobID(1), at: now)
        #expect(keys(&queue) == ["2"])
        queue.ripen(JobID(2), at: now)
        #expect(keys(&queue) == ["3", "4", "5"])
    }

    @Test func `What the batch says for all is led once, and then each document`() {
        var queue = queue()
        for number in 1...4 {
            add(
                job(number, number % 2),
                [
                    SharedBeginning(name: .common, tokens: 2000, mates: 64), beginning(number % 2 + 1),
                ], to: &queue)
        }
        #expect(keys(&queue) == ["1"])
        queue.ripen(JobID(1), at: now)
        // 3 shares all with the first one, 2 only what the batch says; 4 has to wait for 2.
        #expect(keys(&queue) == ["3", "2"])
        queue.ripen(JobID(2), at: now)
        #expect(keys(&queue) == ["4"])
    }

    @Test func `A group whose entry would be lost soon goes before its turn, but not always`() {
        var queue = queue()
        add(1...30, 1, to: &queue)
        add(101...105, 2, to: &queue)
        _ = queue.next(at: now)
        _ = queue.next(at: now)
        queue.ripen(JobID(1), at: now)
        queue.ripen(JobID(101), at: now)
        #expect(queue.next(at: now + .seconds(100))?.job.key == "2")
        #expect(queue.next(at: now + .seconds(200))?.job.key == "3")
        var later: [String] = []
        for milliseconds in 0..<4 {
            let moment = now + .seconds(220) + .milliseconds(milliseconds)
            if let next = queue.next(at: moment) { later.append(next.job.key) }
        }
        #expect(later.contains("102") && later.count { Int($0)! > 100 } == 1, "\(later)")
        // It was used, and lives on.
        #expect(
            queue.warmth[.init(name: .own(PrefixKey(short: 2, long: nil), level: 1))]?.usedAt ?? now > now)
    }

    @Test func `What has expired is led anew`() {
        var queue = queue()
        add(1...5, 1, to: &queue)
        _ = queue.next(at: now)
        queue.ripen(JobID(1), at: now)
        let next = queue.next(at: now + .seconds(301))
        #expect(next?.place.isLeader == true)
        #expect(queue.next(at: now + .seconds(301)) == nil)
    }

    @Test func `One's own machine keeps one beginning: the next is begun when the last is done`() {
        var queue = PrefixQueue(
            rules: .rules(for: ModelName("ollama/llama3")!, entry: Catalogue.builtIn.provider("ollama")))
        add(1...3, 1, to: &queue)
        add(11...13, 2, to: &queue)
        #expect(keys(&queue) == ["1"])
        queue.ripen(JobID(1), at: now)
        #expect(keys(&queue) == ["2", "3", "11"])
    }

    @Test func `Requests that come seldom are kept for an hour, if they are enough`() {
        var queue = PrefixQueue(
            rules: .rules(for: ModelName("anthropic/claude-sonnet-5")!), pace: .seconds(600))
        add(1...2, 1, to: &queue)
        add(11...20, 2, to: &queue)
        #expect(queue.next(at: now)?.place.retention == PromptCacheWish.Retention.none)
        // At that pace nobody leads while another one is out.
        queue.out = 1
        #expect(queue.next(at: now) == nil && queue.readyCount(at: now, upTo: 9) == 0)
        queue.out = 0
        let other = queue.next(at: now)
        #expect(other?.job.key == "11" && other?.place.retention == .hour)
    }

    /// 120 questions about 20 documents, two a minute: in file order each document would come by every ten minutes, and an entry
    /// lives for five. Half of them are opened at once, as in the first moments of a run.
    @Test func `In an hour of waiting for a limit hardly any document is written twice`() {
        for opened in [0, 10] {
            var queue = queue()
            for number in 0..<120 {
                let mates = number < 20 ? 1 : 0
                add(job(number, number % 20 + 1), [beginning(number % 20 + 1, mates: mates)], to: &queue)
            }
            var writes = 0
            var moment = now
            var sent = 0
            while sent < 120 {
                guard let next = queue.next(at: moment) else { break }
                sent += 1
                if next.place.isLeader {
                    writes += 1
                    queue.ripen(next.job.lease.job, at: moment + .seconds(1))
                }
                moment = moment + (sent < opened ? .milliseconds(10) : .seconds(30))
            }
            #expect(sent == 120 && writes == 20, "\(opened) opened: \(writes) writes")
        }
    }
}
