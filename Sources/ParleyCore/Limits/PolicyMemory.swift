/// Where limiters and breakers are kept, so that every process on one database shares them and a restart goes on with
/// them.
public protocol PolicyMemory: Sendable {
    /// Hands in what this process knows and gets back what holds now, what others have brought included.
    ///
    /// A name that nobody has kept yet comes back as it was handed in. The exchange is one transaction: nobody's part is
    /// lost, whoever comes first.
    func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates
}

/// What a process knows of limiters and breakers, and what it knew when it last asked.
public struct PolicyNotes: Sendable, Hashable {
    /// A state, and the one that was kept at the last exchange.
    public struct Note<State: Sendable & Hashable>: Sendable, Hashable {
        public var state: State
        public var base: State

        public init(state: State, base: State) {
            self.state = state
            self.base = base
        }

        public var isChanged: Bool { state != base }
    }

    public var limiters: [LimiterName: Note<LimiterState>]
    public var breakers: [AccountName: Note<BreakerState>]

    public init(
        limiters: [LimiterName: Note<LimiterState>] = [:], breakers: [AccountName: Note<BreakerState>] = [:]
    ) {
        self.limiters = limiters
        self.breakers = breakers
    }

    public var isEmpty: Bool { limiters.isEmpty && breakers.isEmpty }

    /// Whether anything has to be written down.
    public var hasChanges: Bool {
        limiters.values.contains(where: \.isChanged) || breakers.values.contains(where: \.isChanged)
    }
}

/// Limiters and breakers as they are kept.
public struct PolicyStates: Sendable, Hashable {
    public var limiters: [LimiterName: LimiterState]
    public var breakers: [AccountName: BreakerState]

    public init(
        limiters: [LimiterName: LimiterState] = [:], breakers: [AccountName: BreakerState] = [:]
    ) {
        self.limiters = limiters
        self.breakers = breakers
    }
}

extension PolicyNotes.Note where State == LimiterState {
    /// What is to be kept from now on; `stored` is nil where nothing was.
    public func settled(with stored: LimiterState?, at now: Timestamp) -> LimiterState {
        guard let stored else { return state }
        return isChanged ? state.merged(with: stored, since: base, at: now) : stored
    }
}

extension PolicyNotes.Note where State == BreakerState {
    /// What is to be kept from now on; `stored` is nil where nothing was.
    public func settled(with stored: BreakerState?) -> BreakerState {
        stored.map { state.merged(with: $0, since: base) } ?? state
    }
}
