import ConversationStore
import DequeModule

/// Hands leased jobs to the workers: a queue with an end.
///
/// Workers wait on ``next()``; the pump fills it by chunks and learns through ``starved()`` when somebody is hungry.
actor JobFeed {
    private var jobs: Deque<LeasedJob> = []
    private var hungry: Deque<CheckedContinuation<LeasedJob?, Never>> = []
    private var pump: CheckedContinuation<Void, Never>?
    private var isFinished = false
    /// When no more than this many jobs lie ready, the pump is woken.
    private let refillAt: Int

    init(refillAt: Int) {
        self.refillAt = refillAt
    }

    /// The next job; nil when the feed has ended.
    func next() async -> LeasedJob? {
        if let job = jobs.popFirst() {
            if jobs.count <= refillAt { wakePump() }
            return job
        }
        guard !isFinished else { return nil }
        return await withCheckedContinuation { continuation in
            hungry.append(continuation)
            wakePump()
        }
    }

    func add(_ more: [LeasedJob]) {
        for job in more {
            if let worker = hungry.popFirst() {
                worker.resume(returning: job)
            } else {
                jobs.append(job)
            }
        }
    }

    /// Waits until the workers need more, or the feed has ended.
    func starved() async {
        guard !isFinished, jobs.count > refillAt else { return }
        await withCheckedContinuation { pump = $0 }
    }

    /// Ends the feed and gives back the jobs that nobody took.
    func finish() -> [LeasedJob] {
        isFinished = true
        while let worker = hungry.popFirst() { worker.resume(returning: nil) }
        wakePump()
        defer { jobs.removeAll() }
        return Array(jobs)
    }

    /// How many workers have nothing to do.
    var hungryCount: Int { hungry.count }

    /// The leases of the jobs that wait here.
    var leases: [Lease] { jobs.map(\.lease) }

    private func wakePump() {
        pump?.resume()
        pump = nil
    }
}
