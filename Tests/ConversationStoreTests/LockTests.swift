import Foundation
import ParleyCore
import Synchronization
import Testing

@testable import ConversationStore

struct LockTests {
    @Test
    func `Only a lock that was held long is left alone for a moment, and for a tenth of the time at most`() {
        #expect(LockCourtesy.pauseLength(after: .milliseconds(19)) == .zero)
        for held in [20, 50, 100, 500, 5000].map({ Duration.milliseconds($0) }) {
            let pause = LockCourtesy.pauseLength(after: held)
            #expect(pause >= LockCourtesy.pauseMin && pause <= LockCourtesy.pauseMax)
            #expect(pause <= held / 10)
        }
    }

    @Test(arguments: [
        SQLiteFailure(code: 5, message: "database is locked"),
        SQLiteFailure(code: 5 | 1 << 8, message: "database is locked"),
        SQLiteFailure(code: 6, message: "database table is locked"),
        SQLiteFailure(code: 15, message: "locking protocol"),
    ])
    func `Whatever says that somebody is in the way is waited out`(failure: SQLiteFailure) {
        #expect(failure.isBusy && !failure.isFull)
    }

    @Test func `A quota that is used up is a full disk, and a broken disk is not`() {
        let writing: Int32 = 10 | 3 << 8
        let full = SQLiteFailure(code: writing, message: "disk I/O error", systemError: EDQUOT)
        #expect(full.isFull && full.storeError(path: "here") == .diskFull(path: "here"))
        let broken = SQLiteFailure(code: writing, message: "disk I/O error", systemError: EIO)
        #expect(!broken.isFull)
        #expect(broken.storeError(path: "here") == .inputOutput(path: "here", detail: "disk I/O error"))
    }

    @Test func `An operation that meets a lock is run again with its group`() async throws {
        let test = try await TestStore()
        let worker = try await test.worker()
        let meetings = Meetings()
        let name = try await test.store.writer.submit { context in
            let find = try context.statement("SELECT pid FROM workers WHERE id = ?1")
            find.bind(1, worker.id)
            if meetings.next() < 3 { throw SQLiteFailure(code: 5, message: "database is locked") }
            return try find.firstInt()
        }
        #expect(name == 1)
        #expect(meetings.next() == 4)
    }
}

private final class Meetings: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
