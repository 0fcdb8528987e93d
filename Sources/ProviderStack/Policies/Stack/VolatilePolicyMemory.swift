public import ParleyCore
import Synchronization

/// Keeps limiters and breakers for as long as the process lives: for whoever has no database.
public final class VolatilePolicyMemory: PolicyMemory {
    private let states = Mutex(PolicyStates())

    public init() {}

    public func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates {
        states.withLock { states in
            var held = PolicyStates()
            for (name, note) in notes.limiters {
                held.limiters[name] = note.settled(with: states.limiters[name], at: now)
            }
            for (account, note) in notes.breakers {
                held.breakers[account] = note.settled(with: states.breakers[account])
            }
            states.limiters.merge(held.limiters) { $1 }
            states.breakers.merge(held.breakers) { $1 }
            return held
        }
    }
}
