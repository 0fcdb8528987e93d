public import ParleyCore
import Synchronization

/// The limits and the health of every account that a process asks: what all requests through ``PolicyStack`` share.
///
/// The decisions are values (``LimitBook``, ``WakeSpread``); this holds them behind one lock and exchanges them with a
/// memory: before a request, if the last look is older than ``refreshAfter``, and after one that has changed something.
public final class PolicyBoard: Sendable {
    public struct Settings: Sendable, Hashable {
        /// The user's own limits, for each model of each account.
        public var limits = RateLimits()
        /// The most requests of a model that are in the air at once; nil = no limit.
        public var concurrencyMax: Int?
        /// How breakers begin: after how many failures they open, and for how long.
        public var breaker = Breaker()
        /// How long a provider that takes no key or has no money is passed over where there is another.
        public var closedFor: Duration = .seconds(300)

        public init() {}
    }

    /// What waits just now, and what has waited so far.
    public struct WaitTally: Sendable, Hashable {
        public internal(set) var waiting = 0
        public internal(set) var waits = 0
        public internal(set) var waited: Duration = .zero
    }

    struct State: Sendable {
        var book: LimitBook
        var lookedAt: [LimiterName: Timestamp] = [:]
        var spreads: [LimiterName: WakeSpread] = [:]
        var turnstiles: [LimiterName: Turnstile] = [:]
        /// Passed over until then, where there is another.
        var closed: [AccountName: Timestamp] = [:]
        /// The last words of accounts that failed, for the message while they rest.
        var lastFailures: [AccountName: String] = [:]
        var tally = WaitTally()
    }

    /// How old the knowledge of other processes may be when a request begins.
    public static let refreshAfter = Duration.seconds(1)

    public let settings: Settings
    let time: TimeSource
    let random: SharedRandom
    private let memory: any PolicyMemory
    private let onMemoryFault: (@Sendable (any Error) -> Void)?
    let state: Mutex<State>
    /// One exchange at a time: two would each count the other's part as a stranger's.
    private let exchanges = Turnstile(max: 1)

    /// `onMemoryFault` hears why the state could not be kept; no request fails for it.
    public init(
        settings: Settings = Settings(), memory: any PolicyMemory = VolatilePolicyMemory(),
        time: TimeSource = .system, random: SharedRandom = SharedRandom(),
        onMemoryFault: (@Sendable (any Error) -> Void)? = nil
    ) {
        self.settings = settings
        self.memory = memory
        self.time = time
        self.random = random
        self.onMemoryFault = onMemoryFault
        state = Mutex(State(book: LimitBook(own: settings.limits, breaker: settings.breaker)))
    }

    public var waits: WaitTally { state.withLock { $0.tally } }

    /// Learns from the headers of an account's answers; to be given to its client.
    public func listener(
        for account: AccountName
    ) -> @Sendable (ModelName, RateLimitReading) -> Void {
        { [self] model, reading in
            let name = LimiterName(account: account, model: model.model)
            state.withLock { $0.book.hear(reading, of: name, at: time.now) }
        }
    }

    /// Hands what has changed to the memory. A request does so by itself; this is for the end of a program.
    public func save() async {
        await exchange { $0.hasChanges }
    }

    /// Looks what others know of the limiter, unless that was done a moment ago.
    func refresh(_ name: LimiterName) async {
        let now = time.now
        let isFresh = state.withLock { state in
            state.book.meet(name)
            defer { state.lookedAt[name] = now }
            return state.lookedAt[name].map { now.since($0) < Self.refreshAfter } ?? false
        }
        if !isFresh { await exchange { _ in true } }
    }

    private func exchange(where isNeeded: (PolicyNotes) -> Bool) async {
        guard await exchanges.enter() else { return }
        defer { exchanges.leave() }
        let notes = state.withLock { $0.book.notes }
        guard !notes.isEmpty, isNeeded(notes) else { return }
        do {
            let now = time.now
            let states = try await memory.exchange(notes, at: now)
            state.withLock { $0.book.adopt(states, for: notes, at: now) }
        } catch {
            onMemoryFault?(error)
        }
    }
}
