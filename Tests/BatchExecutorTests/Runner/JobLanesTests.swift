import ConversationStore
import ParleyCore
import Testing

@testable import BatchExecutor

struct JobLanesTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)
    private let slow = JobLanes.Name(batch: BatchID(1), model: ModelName("slow/big"))
    private let quick = JobLanes.Name(batch: BatchID(2), model: ModelName("quick/small"))

    private func job(_ number: Int, of lane: JobLanes.Name) -> LeasedJob {
        LeasedJob(
            lease: Lease(job: JobID(Int64(number)), token: Array(repeating: 1, count: 16)),
            batch: lane.batch, key: "\(number)", input: "{}")
    }

    /// Lanes with so many jobs each; those of the slow one are 1…, those of the quick one 101….
    private func lanes(_ counts: (slow: Int, quick: Int), concurrency: Int = 2) -> JobLanes {
        var lanes = JobLanes(concurrency: concurrency)
        for number in 0..<counts.slow { lanes.add([LaneWork(job: job(number + 1, of: slow), lane: slow)]) }
        for number in 0..<counts.quick {
            lanes.add([LaneWork(job: job(number + 101, of: quick), lane: quick)])
        }
        return lanes
    }

    private func keys(_ lanes: inout JobLanes, at moment: Timestamp? = nil) -> [String] {
        var keys: [String] = []
        while let next = lanes.next(at: moment ?? now) { keys.append(next.job.key) }
        return keys
    }

    @Test func `The older batch goes first, in the order of its jobs`() {
        var lanes = lanes((3, 3), concurrency: 4)
        let order = keys(&lanes)
        #expect(order == ["1", "2", "3", "101"])
    }

    @Test func `A higher priority goes first, whenever it is given`() {
        var lanes = lanes((3, 3), concurrency: 3)
        let first = lanes.next(at: now)?.job.key
        #expect(first == "1")
        let changes = lanes.setPriorities([quick.batch: 5])
        #expect(changes)
        let changesAgain = lanes.setPriorities([quick.batch: 5])
        #expect(!changesAgain)
        let rest = keys(&lanes)
        #expect(rest == ["101", "102"])
    }

    @Test func `A lane that has to wait holds no other lane up, and opens by itself`() {
        var lanes = lanes((2, 2), concurrency: 4)
        let first = lanes.next(at: now)!
        let isMine = lanes.putBack(first.job, to: slow, CachePlace(), until: now + .seconds(5))
        #expect(isMine)
        let others = keys(&lanes)
        #expect(others == ["101", "102"])
        #expect(lanes.closedLane(at: now) == slow)
        let later = keys(&lanes, at: now + .seconds(5))
        #expect(later == ["1", "2"])
    }

    @Test func `A closed lane is watched by one, until it is open or empty`() {
        var lanes = lanes((2, 0))
        let (first, second) = (lanes.next(at: now)!, lanes.next(at: now)!)
        let isMine = lanes.putBack(second.job, to: slow, CachePlace(), until: now + .seconds(1))
        #expect(isMine)
        let isMineToo = lanes.putBack(first.job, to: slow, CachePlace(), until: now + .seconds(2))
        #expect(!isMineToo)
        let opening = lanes.opening(of: slow, at: now)
        #expect(opening == now + .seconds(2))
        let afterwards = lanes.opening(of: slow, at: now + .seconds(2))
        #expect(afterwards == nil)
        let again = lanes.next(at: now + .seconds(2))!
        let isMineAgain = lanes.putBack(again.job, to: slow, CachePlace(), until: now + .seconds(9))
        #expect(isMineAgain)
        _ = lanes.remove(slow.batch)
        let emptied = lanes.opening(of: slow, at: now)
        #expect(emptied == nil)
    }

    @Test func `Whoever waits for its turn leaves its hand to others, and needs one to go on`() {
        var lanes = lanes((1, 3), concurrency: 2)
        _ = lanes.next(at: now)
        lanes.wait(slow)
        let others = keys(&lanes)
        #expect(others == ["101", "102"])
        let goesAtOnce = lanes.goOn(slow)
        #expect(!goesAtOnce)
        lanes.done(quick)
        let goesThen = lanes.goOn(slow)
        #expect(goesThen)
        let another = lanes.next(at: now)?.job.key
        #expect(another == nil)
        #expect(lanes.inHand == 2)
    }

    @Test func `No more of a lane wait for their turn than requests may be in the air`() {
        var lanes = lanes((5, 1), concurrency: 2)
        for _ in 0..<2 {
            _ = lanes.next(at: now)
            lanes.wait(slow)
        }
        let other = lanes.next(at: now)?.job.key
        #expect(other == "101")
        lanes.stopWaiting(slow)
        let third = lanes.next(at: now)?.job.key
        #expect(third == "3")
    }

    @Test func `A batch's own limit holds for it alone`() {
        var lanes = lanes((3, 3), concurrency: 4)
        lanes.setLimit(1, of: slow.batch)
        let order = keys(&lanes)
        #expect(order == ["1", "101", "102", "103"])
        lanes.done(slow)
        let next = lanes.next(at: now)?.job.key
        #expect(next == "2")
    }

    @Test func `Ready are those that could go, however many lie there`() {
        var lanes = lanes((4, 3), concurrency: 4)
        #expect(lanes.readyCount(at: now) == 7)
        lanes.setLimit(2, of: quick.batch)
        #expect(lanes.readyCount(at: now) == 6)
        let first = lanes.next(at: now)!
        _ = lanes.putBack(first.job, to: slow, CachePlace(), until: now + .seconds(5))
        #expect(lanes.readyCount(at: now) == 2)
        #expect(lanes.stock == 7)
    }

    @Test func `Enough lies ready of a batch, unless its rows name models that may go`() {
        var lanes = lanes((4, 1))
        #expect(lanes.saturated(at: 4, deep: 8) == [slow.batch])
        let other = JobLanes.Name(batch: slow.batch, model: ModelName("other/one"))
        lanes.add([LaneWork(job: job(9, of: other), lane: other)])
        #expect(lanes.saturated(at: 4, deep: 8) == [])
    }

    @Test func `A batch that is taken out leaves the others as they are`() {
        var lanes = lanes((2, 2))
        let removed = lanes.remove(slow.batch).map(\.key)
        #expect(removed == ["1", "2"])
        #expect(lanes.stock == 2)
        let rest = lanes.removeAll().map(\.key)
        #expect(rest == ["101", "102"])
        #expect(lanes.stock == 0)
    }
}

struct JobTurnTests {
    @Test(
        arguments: [
            (0, nil, JobTurn.now), (200, nil, .soon), (750, nil, .later(.milliseconds(500))),
            (60_000, nil, .later(JobTurn.lookAgain)), (60_000, 90_000, .later(JobTurn.lookAgain)),
            (60_000, 5000, .soon),
        ] as [(Int, Int?, JobTurn)])
    func `Who would wait long goes back, unless the wait ends the run`(
        wait: Int, limit: Int?, turn: JobTurn
    ) {
        #expect(
            JobTurn(wait: .milliseconds(wait), limit: limit.map { .milliseconds($0) }) == turn)
    }
}
