public import ParleyCore
import Synchronization

/// Keeps limiters and breakers for as long as the process lives: for whoever has no database.
public final class VolatilePolicyMemory: PolicyMemory {
    private let states = Mutex(PolicyStates())
    private let gates = Mutex<[LimiterName: StartGate]>([:])

    public init() {}

    public func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates {
        try await exchange(notes, at: now) { _ in }.states
    }

    public func exchange<Booked: Sendable>(
        _ notes: PolicyNotes, at now: Timestamp, _ book: @escaping @Sendable (inout PolicyStates) -> Booked
    ) async throws -> (states: PolicyStates, booked: Booked) {
        states.withLock { kept in
            var held = PolicyStates(settling: notes, with: kept, at: now)
            let booked = book(&held)
            kept.limiters.merge(held.limiters) { $1 }
            kept.breakers.merge(held.breakers) { $1 }
            return (held, booked)
        }
    }

    public func startWait(of name: LimiterName, distance: Double, at now: Timestamp) -> Duration {
        gates.withLock { $0[name, default: StartGate()].wait(distance: distance, at: now) }
    }
}
