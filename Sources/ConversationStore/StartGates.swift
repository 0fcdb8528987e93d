import ParleyCore
import Synchronization

/// The gates of all limiters (``StartGate``), shared by the processes that have one database open.
///
/// A place in a provider's time is booked in a transaction, but no transaction says when a request really leaves. So the gates lie
/// in memory that the processes share (``GateFile``). Where it is not to be had they are this process's own: two processes then
/// only meet a little more often.
final class StartGates: Sendable {
    private struct State {
        var file: GateFile?
        var isOpened = false
        var own: [LimiterName: StartGate] = [:]
    }

    private let databasePath: String
    private let state = Mutex(State())

    init(databasePath: String) { self.databasePath = databasePath }

    /// How long a request whose turn it is has still to wait; zero = it starts now.
    func wait(for name: LimiterName, distance: Double, at now: Timestamp) -> Duration {
        state.withLock { state in
            if !state.isOpened {
                state.isOpened = true
                state.file = GateFile(besides: databasePath)
            }
            return state.file?.wait(for: name.gateKey, distance: distance, at: now)
                ?? state.own[name, default: StartGate()].wait(distance: distance, at: now)
        }
    }

    /// Lets go of the shared memory; whoever asks later gets gates of this process.
    func close() {
        state.withLock { state in
            state.isOpened = true
            state.file = nil
        }
    }
}

extension LimiterName {
    /// The same number in every process, never zero (FNV-1a).
    fileprivate var gateKey: UInt64 {
        let words = ["\(account.provider)", account.fingerprint, model].joined(separator: "\n")
        let hash = words.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return max(hash, 1)
    }
}
