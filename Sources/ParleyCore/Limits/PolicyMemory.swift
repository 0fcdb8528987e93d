/// Where limiters and breakers are kept, so that every process on one database shares them and a restart goes on with
/// them.
public protocol PolicyMemory: Sendable {
    /// Hands in what this process knows and gets back what holds now, what others have brought included.
    ///
    /// A name that nobody has kept yet comes back as it was handed in. The exchange is one transaction: nobody's part is
    /// lost, whoever comes first.
    func exchange(_ notes: PolicyNotes, at now: Timestamp) async throws -> PolicyStates

    /// The same, and in the same transaction `book` works on what holds then: whoever takes places in a provider's time in
    /// it takes none that another process has taken.
    ///
    /// `book` may be called more than once, each time with what holds then; the last call counts.
    func exchange<Booked: Sendable>(
        _ notes: PolicyNotes, at now: Timestamp, _ book: @escaping @Sendable (inout PolicyStates) -> Booked
    ) async throws -> (states: PolicyStates, booked: Booked)

    /// How long a request whose turn it is has still to wait so as not to start too near to the one before it, whoever
    /// sent that; zero = it starts now (``StartGate``).
    ///
    /// - Parameter distance: nanoseconds from one request of that limiter to the next.
    func startWait(of name: LimiterName, distance: Double, at now: Timestamp) -> Duration
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

extension PolicyStates {
    /// What is to be kept from now on; `stored` holds what others have brought.
    public init(settling notes: PolicyNotes, with stored: PolicyStates, at now: Timestamp) {
        self.init()
        for (name, note) in notes.limiters {
            limiters[name] = note.settled(with: stored.limiters[name], at: now)
        }
        for (account, note) in notes.breakers {
            breakers[account] = note.settled(with: stored.breakers[account])
        }
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
