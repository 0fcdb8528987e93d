import Foundation
import GRDB
import ParleyCore
import Synchronization

@testable import ConversationStore

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private let now = Mutex(Timestamp(milliseconds: 1_795_000_000_000))

    var time: TimeSource { TimeSource(now: { self.now.withLock { $0 } }, sleep: { self.advance(by: $0) }) }

    func advance(by duration: Duration) { now.withLock { $0 = $0 + duration } }
}

/// A fresh database in a directory of its own, with a clock and with the power over life and death of
/// workers.
final class TestStore: Sendable {
    let directory: String
    let clock = TestClock()
    let store: Store
    private let dead: Dead

    /// The processes that are said to be gone.
    private final class Dead: Sendable {
        let pids = Mutex<Set<Int32>>([])
    }

    var path: String { store.path }

    init() async throws {
        directory = try Self.makeDirectory()
        let dead = Dead()
        self.dead = dead
        store = try await Store.open(
            at: directory + "/parley.db", time: clock.time,
            liveness: WorkerLiveness { worker in
                dead.pids.withLock { $0.contains(worker.pid) } ? .gone : .alive
            })
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    static func makeDirectory() throws -> String {
        let directory = NSTemporaryDirectory() + "parley-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return directory
    }

    func worker(pid: Int32 = 1) async throws -> Worker {
        try await store.register(WorkerIdentity(host: "here", pid: pid, started: 7))
    }

    /// Lets time pass and looks for lost workers meanwhile, as a run does; gives what was found in all.
    @discardableResult
    func watch(
        for duration: Duration, _ policy: UnknownPolicy = .retry, by worker: Worker? = nil
    ) async throws -> RescueReport {
        var sum = try await store.rescue(policy, by: worker)
        var left = duration
        while left > .zero {
            clock.advance(by: min(left, LeaseWatch.stepMax))
            left -= LeaseWatch.stepMax
            let report = try await store.rescue(policy, by: worker)
            sum.released += report.released
            sum.askedAgain += report.askedAgain
            sum.held = report.held
            sum.workersLost += report.workersLost
        }
        return sum
    }

    func kill(pid: Int32) { _ = dead.pids.withLock { $0.insert(pid) } }

    @discardableResult
    func enqueue(
        _ keys: [String] = ["a"], batch: String = "batch", settings: BatchSettings = .fixture(),
        priority: Int = 0, mode: EnqueueMode = .store
    ) async throws -> EnqueueReport {
        try await store.enqueue(
            BatchDraft(name: batch, settings: settings, priority: priority, source: "test.csv"), keeping: mode
        ) { try $0.insert(.fixture(keys)) }
    }

    func lease(
        _ count: Int = 1, worker: Worker? = nil, for duration: Duration = .seconds(60)
    ) async throws -> [LeasedJob] {
        let someone = if let worker { worker } else { try await self.worker() }
        return try await store.lease(upTo: count, worker: someone, for: duration)
    }

    /// Sends a leased job's request.
    func send(_ job: LeasedJob, worstCase: Picodollars? = nil) async throws -> Sending {
        let opening = AttemptOpening.fixture(job, sentAt: clock.time.now, worstCase: worstCase)
        let attempt = try await store.open(opening)
        return Sending(job: job, attempt: attempt, at: clock.time.now)
    }

    func state(of key: String) async throws -> JobState? {
        try await job(key).map { JobState(rawValue: $0.state)! }
    }

    func job(_ key: String) async throws -> (state: String, attempts: Int, round: Int, rescues: Int)? {
        try await store.read { database in
            try Row.fetchOne(
                database, sql: "SELECT state, attempts, round, rescues FROM jobs WHERE job_key = ?",
                arguments: [key]
            ).map { ($0[0], $0[1], $0[2], $0[3]) }
        }
    }

    func answers(_ scope: AnswerScope = .finished, batch: String = "batch") async throws -> [Answer] {
        let id = try await store.requireBatch(named: batch).id
        var answers: [Answer] = []
        try await store.answers(of: id, including: scope) { answers.append($0) }
        return answers
    }

    /// A number that a query gives.
    func count(_ sql: String) async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: sql) ?? 0 }
    }

    /// Changes the database behind the store's back.
    func tamper(_ sql: String) throws {
        try store.writer.outsideTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
            try database.execute(sql: sql)
            try database.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = OFF")
        }
    }

    func damage() async throws -> [String] {
        try await store.check().filter { $0.severity == .damage }.map(\.law)
    }
}

/// A request in the air.
struct Sending: Sendable {
    let job: LeasedJob
    let attempt: OpenAttempt
    let at: Timestamp

    func settled(_ outcome: Settlement.Outcome, model: ModelName = .fixture) -> Settlement {
        Settlement(
            lease: job.lease, attempt: attempt.attempt, session: attempt.session, batch: job.batch,
            role: "default", model: model, at: at + .milliseconds(250), latency: .milliseconds(250),
            reserved: attempt.reserved, outcome: outcome)
    }
}
