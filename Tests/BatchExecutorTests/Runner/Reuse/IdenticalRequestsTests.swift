import ConversationStore
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct IdenticalRequestsTests {
    private typealias Requests = IdenticalRequests
    private static let key = Requests.Key(batch: BatchID(1), digest: [1])
    private static let request = CompletionRequest(model: ModelName("a/b")!, messages: [.user("x")])

    private static func job(_ number: Int64, of batch: Int64 = 1) -> Requests.Waiting {
        let lease = Lease(job: JobID(number), token: Array(repeating: UInt8(number), count: 16))
        return Requests.Waiting(
            job: LeasedJob(lease: lease, batch: BatchID(batch), key: "q\(number)", input: "{}"),
            lane: JobLanes.Name(batch: BatchID(batch), model: nil))
    }

    /// The first asks, and so many others wait.
    private static func waiting(_ count: Int64) -> Requests {
        var requests = Requests()
        for number in 1...(count + 1) { _ = requests.enter(job(number), with: key) }
        return requests
    }

    @Test func `The first asks and all others wait, and what differs waits for nobody`() {
        var requests = Requests()
        #expect(requests.enter(Self.job(1), with: Self.key).place == .asks)
        #expect(requests.enter(Self.job(2), with: Self.key).place == .waits)
        #expect(requests.enter(Self.job(1), with: Self.key).place == .asks)
        let other = Requests.Key(batch: BatchID(1), digest: [2])
        #expect(requests.enter(Self.job(3), with: other).place == .asks)
        #expect(requests.waitingCount == 1)
    }

    @Test func `An answer is copied to all who wait, some at a time, and to whoever comes later`() {
        var requests = Self.waiting(5)
        #expect(requests.leave(JobID(1), as: .answered(Self.request)) == [])
        #expect(requests.nextCopies(upTo: 3)?.jobs == [2, 3, 4].map { Self.job($0) })
        #expect(requests.enter(Self.job(9), with: Self.key).place == .waits)
        #expect(requests.nextCopies(upTo: 9)?.jobs == [5, 6, 9].map { Self.job($0) })
        #expect(requests.nextCopies(upTo: 9) == nil && requests.waitingCount == 0)
        #expect(requests.enter(Self.job(10), with: Self.key).place == .copies)
        requests.forget(Self.key)
        #expect(requests.enter(Self.job(10), with: Self.key).place == .asks)
    }

    @Test func `When the one who asked fails, the first that waits asks for all that are left`() {
        var requests = Self.waiting(3)
        #expect(requests.leave(JobID(1), as: .failed) == [Self.job(2)])
        #expect(requests.enter(Self.job(2), with: Self.key).place == .asks)
        #expect(requests.enter(Self.job(5), with: Self.key).place == .waits)
        #expect(requests.leave(JobID(1), as: .open) == [])
        #expect(requests.leave(JobID(2), as: .open) == [Self.job(3)])
    }

    @Test func `What fails three times, or brings an answer that cannot be shared, is asked by each job`() {
        var requests = Self.waiting(5)
        #expect(requests.leave(JobID(1), as: .failed).count == 1)
        #expect(requests.leave(JobID(2), as: .failed).count == 1)
        #expect(requests.leave(JobID(3), as: .failed).count == 3)
        #expect(requests.enter(Self.job(4), with: Self.key).place == .asksAnyway)
        #expect(requests.waitingCount == 0)

        var cut = Self.waiting(5)
        #expect(cut.leave(JobID(1), as: .unshareable).count == 5)
    }

    @Test func `A job that comes back with another request leaves the first to who waits for it`() {
        var requests = Self.waiting(2)
        let (place, goers) = requests.enter(Self.job(1), with: Requests.Key(batch: nil, digest: [7]))
        #expect(place == .asks && goers == [Self.job(2)])
    }

    @Test func `What another process asks is waited for by all, and then looked at by one`() {
        var requests = Self.waiting(2)
        requests.waitElsewhere(Self.job(1), for: Self.key)
        #expect(requests.elsewhere.map(\.batch) == [BatchID(1)] && requests.waitingCount == 3)
        #expect(requests.enter(Self.job(4), with: Self.key).place == .waits)
        #expect(requests.goOn(Self.key) == [Self.job(1)])
        #expect(requests.elsewhere.isEmpty && requests.goOn(Self.key) == [])
        #expect(requests.enter(Self.job(1), with: Self.key).place == .asks)
    }

    @Test func `A job that came back before it had passed its lead on waits for whoever has it now`() {
        var requests = Self.waiting(2)
        // The first asks again while its last request is settled, which passes the lead to the second.
        #expect(requests.enter(Self.job(1), with: Self.key).place == .asks)
        #expect(requests.leave(JobID(1), as: .open) == [Self.job(2)])
        requests.waitElsewhere(Self.job(1), for: Self.key)
        #expect(requests.waitingCount == 2 && requests.elsewhere.isEmpty)
        #expect(requests.leave(JobID(2), as: .open) == [Self.job(3)])
        #expect(requests.leave(JobID(3), as: .open) == [Self.job(1)])
        // The same where nobody is left who asks.
        #expect(requests.leave(JobID(1), as: .open) == [])
        requests.waitElsewhere(Self.job(1), for: Self.key)
        #expect(requests.goOn(Self.key) == [Self.job(1)])
    }

    @Test func `A batch that is taken out leaves those of other batches waiting`() {
        var requests = Requests()
        let key = Requests.Key(batch: nil, digest: [1])
        _ = requests.enter(Self.job(1), with: key)
        _ = requests.enter(Self.job(2, of: 2), with: key)
        _ = requests.enter(Self.job(3), with: key)
        #expect(requests.remove(BatchID(2)) == [Self.job(2, of: 2).job])
        #expect(requests.waitingCount == 1)
        #expect(requests.leave(JobID(1), as: .open) == [Self.job(3)])
        #expect(requests.leave(JobID(3), as: .open) == [])
        #expect(requests.enter(Self.job(8), with: key).place == .asks)
        _ = requests.enter(Self.job(9), with: key)
        #expect(requests.removeAll() == [Self.job(9).job] && requests.waitingCount == 0)
    }
}
