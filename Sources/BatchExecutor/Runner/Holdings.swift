import ConversationStore
import ParleyCore
import Synchronization

/// The jobs that this run holds a lease of, and those of them whose request is in the air.
final class Holdings: Sendable {
    private struct State: Sendable {
        var leases: [JobID: Lease] = [:]
        var inAir: [JobID: Task<Void, Never>] = [:]
        var isCut = false
    }

    private let state = Mutex(State())

    func take(_ jobs: [LeasedJob]) {
        state.withLock { state in
            for job in jobs { state.leases[job.lease.job] = job.lease }
        }
    }

    func drop(_ job: JobID) {
        state.withLock { $0.leases[job] = nil }
    }

    func drop(_ jobs: [LeasedJob]) {
        state.withLock { state in
            for job in jobs { state.leases[job.lease.job] = nil }
        }
    }

    var isEmpty: Bool { state.withLock { $0.leases.isEmpty } }

    var leases: [Lease] { state.withLock { Array($0.leases.values) } }

    /// Runs an exchange such that ``cut()`` can end it, and waits for its end.
    func fly(_ job: JobID, _ exchange: @escaping @Sendable () async -> Void) async {
        let task = Task { await exchange() }
        let isCut = state.withLock { state in
            state.inAir[job] = task
            return state.isCut
        }
        if isCut { task.cancel() }
        await task.value
        state.withLock { $0.inAir[job] = nil }
    }

    /// Ends all exchanges, now and from now on.
    func cut() {
        let tasks = state.withLock { state in
            state.isCut = true
            return Array(state.inAir.values)
        }
        for task in tasks { task.cancel() }
    }
}
