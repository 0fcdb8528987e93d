import ConversationStore
import ParleyCore
import Synchronization

/// The jobs that this run holds a lease of, and those of them whose request is in the air.
final class Holdings: Sendable {
    private struct State: Sendable {
        var leases: [JobID: Lease] = [:]
        /// How to end each request that is in the air.
        var inAir: [JobID: @Sendable () -> Void] = [:]
        var isCut = false
    }

    private let state = Mutex(State())

    func take(_ jobs: [LeasedJob]) {
        state.withLock { state in
            for job in jobs { state.leases[job.lease.job] = job.lease }
        }
    }

    /// A lease that has been replaced by another one of the same job leaves that one alone.
    func drop(_ lease: Lease) {
        state.withLock { if $0.leases[lease.job] == lease { $0.leases[lease.job] = nil } }
    }

    func drop(_ jobs: [LeasedJob]) {
        for job in jobs { drop(job.lease) }
    }

    var isEmpty: Bool { state.withLock { $0.leases.isEmpty } }

    var leases: [Lease] { state.withLock { Array($0.leases.values) } }

    /// Runs an exchange such that ``cut()`` can end it, and waits for its end.
    ///
    /// A task of its own, since only the exchange is to be cancelled and not what follows it; it runs where the worker runs.
    func fly<Landing: Sendable>(
        _ job: JobID, on executor: (any TaskExecutor)?, _ exchange: @escaping @Sendable () async -> Landing
    ) async -> Landing {
        let task = Task(executorPreference: executor) { await exchange() }
        let isCut = state.withLock { state in
            state.inAir[job] = task.cancel
            return state.isCut
        }
        if isCut { task.cancel() }
        let landing = await task.value
        state.withLock { $0.inAir[job] = nil }
        return landing
    }

    /// Ends one exchange.
    func cut(_ job: JobID) { state.withLock { $0.inAir[job] }?() }

    /// Ends all exchanges, now and from now on.
    func cut() {
        let cancels = state.withLock { state in
            state.isCut = true
            return Array(state.inAir.values)
        }
        for cancel in cancels { cancel() }
    }
}
