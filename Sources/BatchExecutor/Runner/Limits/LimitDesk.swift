import ConversationStore
import DequeModule
import ParleyCore
import ProviderStack
import Synchronization

/// Where requests wait for their turn: one queue for each limiter, in the order in which they came.
///
/// What goes at once goes at once: no limit is known, nothing is paused, there is room in the air. Whoever has to wait stands
/// in a queue, and while anybody does a pump works through the queues. Places in a provider's time are taken in a transaction
/// of the memory that all processes share (``LimitBook/booking(_:at:within:)``), a fraction of a second ahead; so two processes
/// keep to one limit exactly, and what has not got its place yet loses nothing when a pause comes.
final class LimitDesk: Sendable {
    /// The right to send one request. It must be followed by ``land(_:_:usage:)``.
    struct Passage: Sendable, Hashable {
        let name: LimiterName
        let place: TokenBucket.Reservation?
        let flight: Flight

        /// Not before then.
        var startsAt: Timestamp { place?.startsAt ?? flight.sentAt }
    }

    enum Turn: Sendable, Hashable {
        case granted(Passage)
        /// The limits would hold it longer than it may wait; for which reason, in words.
        case heldTooLong(String)
        case stopped
    }

    struct Waiter: Sendable {
        let demand: LimitDemand
        let since: Timestamp
        let continuation: CheckedContinuation<Turn, Never>
    }

    struct Queue: Sendable {
        var waiters: Deque<Waiter> = []
        /// No place is to be had before then.
        var notBefore: Timestamp?
        /// When everybody goes on after a pause: its end, and a little more that differs from process to process.
        var resumesAt: Timestamp?
        /// What it waits for, in words.
        var reason = ""
    }

    struct State: Sendable {
        var book: LimitBook
        var queues: [LimiterName: Queue] = [:]
        var spreads: [ProviderName: WakeSpread] = [:]
        var isPumping = false
        var isStopping = false
        /// The pump, while it rests.
        var bell: CheckedContinuation<Void, Never>?
        var isRung = false
        var waits = 0
        var waited = Duration.zero
    }

    /// How far ahead places are taken.
    static let horizon = Duration.milliseconds(250)
    /// So long before its turn a request is let go to be written down.
    static let lead = Duration.milliseconds(50)

    let state: Mutex<State>
    let time: TimeSource
    let limitTimeout: Duration?
    private let memory: any PolicyMemory
    private let onMemoryFault: @Sendable (any Error) -> Void
    /// One exchange at a time: two would each count the other's part as a stranger's.
    private let exchanges = Turnstile(max: 1)

    init(
        own: RateLimits, limitTimeout: Duration? = nil, memory: any PolicyMemory, time: TimeSource,
        onMemoryFault: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.limitTimeout = limitTimeout
        self.memory = memory
        self.time = time
        self.onMemoryFault = onMemoryFault
        state = Mutex(State(book: LimitBook(own: own)))
    }

    /// Waits until a request may be sent, or rather until ``lead`` before; the caller waits for the rest with ``start(_:)``.
    func turn(_ name: LimiterName, _ demand: LimitDemand) async -> Turn {
        let since = time.now
        while true {
            let turn = await wait(name, demand, since: since)
            guard case .granted(let passage) = turn, let place = passage.place else { return turn }
            let ahead = place.startsAt.since(time.now) - Self.lead
            if ahead > .zero { try? await time.sleep(for: ahead) }
            let now = time.now
            // A pause, a slower pace, or the end of the run may have come while it waited for its place.
            let isOver = state.withLock { state in
                let isOver =
                    state.isStopping || state.book.askedWait(of: name, at: now) > Self.lead
                    || state.book.isOutdated(passage.flight, of: name)
                if isOver {
                    state.book.withLimiter(name) { $0.free(place) }
                    state.book.land(passage.flight, of: name, .untold, at: now)
                }
                return isOver
            }
            if !isOver { return turn }
        }
    }

    private func wait(_ name: LimiterName, _ demand: LimitDemand, since: Timestamp) async -> Turn {
        let now = time.now
        let atOnce = state.withLock { $0.turnAtOnce(name, demand, at: now) }
        if let atOnce { return atOnce }
        return await withCheckedContinuation { continuation in
            let (verdict, starts) = state.withLock { state -> (Turn?, Bool) in
                // Whatever stood in the way may have gone between the two looks.
                if let atOnce = state.turnAtOnce(name, demand, at: now) { return (atOnce, false) }
                state.waits += 1
                state.book.meet(name)
                state.queues[name, default: Queue()].waiters.append(
                    Waiter(demand: demand, since: since, continuation: continuation))
                defer { state.isPumping = true }
                return (nil, !state.isPumping)
            }
            if let verdict { return continuation.resume(returning: verdict) }
            if starts { Task { await pump() } } else { ring() }
        }
    }

    /// Waits for the exact moment of a request's place, no nearer to the one before it than the limit allows.
    func start(_ passage: Passage) async {
        guard let place = passage.place else { return }
        var left = place.startsAt.since(time.now)
        while true {
            if left > .zero, (try? await time.sleep(for: left)) == nil { return }
            let now = time.now
            guard let distance = state.withLock({ $0.book.startDistance(of: passage.name) }) else { return }
            left = memory.startWait(of: passage.name, distance: distance, at: now)
            if left <= .zero { return }
        }
    }

    /// The request has come down.
    func land(_ passage: Passage, _ landing: LimitBook.Landing) {
        let now = time.now
        let (goers, rings) = state.withLock { state in
            state.book.land(passage.flight, of: passage.name, landing, at: now)
            return state.sweepAfterLanding(passage.name, at: now)
        }
        for goer in goers { goer.resume() }
        if rings { ring() }
    }

    /// Nobody waits any more.
    func stop() {
        let waiters = state.withLock { state in
            state.isStopping = true
            let waiters = state.queues.values.flatMap(\.waiters)
            state.queues = [:]
            return waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .stopped) }
        ring()
    }
}

extension LimitDesk {
    /// Works through the queues until they are empty.
    private func pump() async {
        while true {
            let now = time.now
            let round = state.withLock { $0.round(at: now, limitTimeout: limitTimeout) }
            guard let round else { return }
            for goer in round.goers { goer.resume() }
            if !round.orders.isEmpty {
                await book(round.orders)
            } else if round.goers.isEmpty {
                await rest(until: round.wakesAt)
            }
        }
    }

    private func rest(until moment: Timestamp?) async {
        let timer = moment.map { moment in
            Task {
                guard (try? await time.sleep(for: max(.milliseconds(1), moment.since(time.now)))) != nil
                else { return }
                ring()
            }
        }
        await withCheckedContinuation { continuation in
            let isRung = state.withLock { state in
                defer { state.isRung = false }
                if !state.isRung { state.bell = continuation }
                return state.isRung
            }
            if isRung { continuation.resume() }
        }
        timer?.cancel()
    }

    /// Wakes the pump: something has changed.
    func ring() {
        let bell = state.withLock { state in
            defer { state.bell = nil }
            if state.bell == nil { state.isRung = state.isPumping }
            return state.bell
        }
        bell?.resume()
    }

    private func book(_ orders: [LimiterName: [LimitDemand]]) async {
        let places: LimitPlaces
        do {
            places = try await exchange { book, now in
                (book.booking(orders, at: now, within: Self.horizon), Array(orders.keys))
            }
        } catch {
            onMemoryFault(error)
            let now = time.now
            places = state.withLock { $0.book.bookAlone(orders, at: now, within: Self.horizon) }
        }
        let now = time.now
        let goers = state.withLock { $0.seat(places, of: orders, at: now) }
        for goer in goers { goer.resume() }
    }

    /// Exchanges what is known with the memory.
    func share() async throws {
        _ = try await exchange { _, _ in
            nil as ((@Sendable (inout PolicyStates) -> LimitPlaces), [LimiterName])?
        }
    }

    private func exchange(
        _ prepare: (LimitBook, Timestamp) -> ((@Sendable (inout PolicyStates) -> LimitPlaces), [LimiterName])?
    ) async throws -> LimitPlaces {
        guard await exchanges.enter() else { throw CancellationError() }
        defer { exchanges.leave() }
        let now = time.now
        let (notes, work) = state.withLock { ($0.book.notes, prepare($0.book, now)) }
        guard !notes.isEmpty else { return [:] }
        var places: LimitPlaces = [:]
        let states: PolicyStates
        if let (booking, names) = work {
            (states, places) = try await memory.exchange(notes.of(names), at: now, booking)
        } else {
            states = try await memory.exchange(notes, at: now)
        }
        state.withLock { $0.book.adopt(states, for: notes, at: time.now) }
        return places
    }
}
