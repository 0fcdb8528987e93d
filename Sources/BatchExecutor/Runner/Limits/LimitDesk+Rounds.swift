import ParleyCore
import ProviderStack

// What is decided under the desk's lock.

/// Somebody who need not wait any more, to be told once the lock is free.
struct LimitGoer: Sendable {
    let waiter: LimitDesk.Waiter
    let turn: LimitDesk.Turn

    func resume() { waiter.continuation.resume(returning: turn) }
}

/// What is to be done for those who wait.
struct LimitRound: Sendable {
    var goers: [LimitGoer] = []
    /// Those at the heads of the queues for whom places have to be taken.
    var orders: [LimiterName: [LimitDemand]] = [:]
    /// When to look again, unless something changes before.
    var wakesAt: Timestamp?

    mutating func wake(at moment: Timestamp) { wakesAt = min(moment, wakesAt ?? moment) }
}

extension LimitDesk.State {
    /// The most places that are taken in one transaction.
    private static let ordersMax = 512
    /// After a pause everybody goes on within this part of a spread's width.
    private static let resumeShare = 4

    /// The turn of somebody for whom nothing stands in the way.
    mutating func turnAtOnce(_ name: LimiterName, _ demand: LimitDemand, at now: Timestamp) -> LimitDesk.Turn?
    {
        if isStopping { return .stopped }
        guard queues[name]?.waiters.isEmpty ?? true, !book.isPaced(name), book.room(of: name) > 0,
            book.askedWait(of: name, at: now) == .zero, admits(name, at: now)
        else { return nil }
        return .granted(passage(name, demand, at: now))
    }

    private mutating func admits(_ name: LimiterName, at now: Timestamp) -> Bool {
        book.withBreaker(name.account) { $0.admits(at: now) }
    }

    private mutating func passage(
        _ name: LimiterName, _ demand: LimitDemand, place: TokenBucket.Reservation? = nil, at now: Timestamp
    ) -> LimitDesk.Passage {
        let start = place?.startsAt ?? now
        let flight = book.send(
            name, demand, place: place, hasWaited: place != nil && start > now, at: start)
        return LimitDesk.Passage(name: name, place: place, flight: flight)
    }

    /// Looks at all queues; nil when nobody waits, and the pump with it.
    mutating func round(at now: Timestamp, limitTimeout: Duration?) -> LimitRound? {
        queues = queues.filter { !$0.value.waiters.isEmpty }
        guard !queues.isEmpty else {
            isPumping = false
            return nil
        }
        var round = LimitRound()
        for name in queues.keys { look(at: name, &round, at: now, limitTimeout: limitTimeout) }
        return round
    }

    private mutating func look(
        at name: LimiterName, _ round: inout LimitRound, at now: Timestamp, limitTimeout: Duration?
    ) {
        let expected: Duration
        let ripensAt = book.ripen(name, at: now)
        if let resumesAt = pauseEnd(of: name, at: now) {
            expected = resumesAt.since(now)
            round.wake(at: resumesAt)
        } else if book.room(of: name) <= 0 {
            queues[name]?.reason = "room at \(name.account.provider)"
            expected = .zero
            if let ripensAt { round.wake(at: ripensAt) }
        } else if book.isPaced(name) {
            queues[name]?.reason = "the rate limit"
            expected = book.expectedWait(of: name, at: now)
            if let notBefore = queues[name]?.notBefore, notBefore > now {
                round.wake(at: notBefore)
            } else {
                let count = min(book.room(of: name), Self.ordersMax)
                let demands = queues[name]?.waiters.prefix(count).map(\.demand) ?? []
                let fitting = demands.prefix(book.fitting(demands, in: name, at: now))
                if fitting.isEmpty {
                    queues[name]?.reason = "answers that may be long"
                } else {
                    round.orders[name] = Array(fitting)
                }
            }
        } else {
            round.goers += sweep(name, at: now)
            return
        }
        guard let limitTimeout else { return }
        let reason = queues[name]?.reason ?? ""
        while let head = queues[name]?.waiters.first {
            let left = limitTimeout - (now.since(head.since) + expected)
            guard left < .zero else {
                round.wake(at: now + left + .milliseconds(1))
                break
            }
            queues[name]?.waiters.removeFirst()
            round.orders[name] = nil
            round.goers.append(leaving(head, .heldTooLong(reason), at: now))
        }
    }

    /// When those who wait for the end of a pause, or of a breaker's rest, go on; nil when there is none.
    private mutating func pauseEnd(of name: LimiterName, at now: Timestamp) -> Timestamp? {
        let asked = book.askedWait(of: name, at: now)
        let provider = name.account.provider
        if asked > .zero {
            let isPause = book.isPaused(name, at: now)
            queues[name]?.reason =
                isPause ? "\(provider), which asked for a pause" : "\(provider), which rests after failures"
            let width = (spreads[provider] ?? WakeSpread()).width / Self.resumeShare
            let late = isPause ? Int64.random(in: 0...width.milliseconds) : 0
            if let known = queues[name]?.resumesAt, known >= now + asked { return known }
            queues[name]?.resumesAt = now + asked + .milliseconds(late)
        }
        guard let resumesAt = queues[name]?.resumesAt, resumesAt > now else {
            queues[name]?.resumesAt = nil
            return nil
        }
        return resumesAt
    }

    /// Lets go who needs no place, as many as there is room for.
    private mutating func sweep(_ name: LimiterName, at now: Timestamp) -> [LimitGoer] {
        var goers: [LimitGoer] = []
        while let head = queues[name]?.waiters.first, book.room(of: name) > 0,
            book.askedWait(of: name, at: now) == .zero, admits(name, at: now)
        {
            queues[name]?.waiters.removeFirst()
            goers.append(leaving(head, .granted(passage(name, head.demand, at: now)), at: now))
        }
        return goers
    }

    /// Somebody has come down: the next in the queue goes, or the pump has to look.
    mutating func sweepAfterLanding(_ name: LimiterName, at now: Timestamp) -> (
        goers: [LimitGoer], rings: Bool
    ) {
        guard let queue = queues[name], !queue.waiters.isEmpty else { return ([], false) }
        guard !book.isPaced(name), queue.resumesAt == nil else { return ([], true) }
        return (sweep(name, at: now), true)
    }

    /// Gives the places that were taken to those who stand first.
    mutating func seat(
        _ places: LimitPlaces, of orders: [LimiterName: [LimitDemand]], at now: Timestamp
    ) -> [LimitGoer] {
        var goers: [LimitGoer] = []
        for (name, demands) in orders {
            var left = places[name, default: []][...]
            while !left.isEmpty, let head = queues[name]?.waiters.first {
                queues[name]?.waiters.removeFirst()
                let passage = passage(name, head.demand, place: left.removeFirst(), at: now)
                goers.append(leaving(head, .granted(passage), at: now))
            }
            for place in left { book.withLimiter(name) { $0.free(place) } }
            if places[name, default: []].count < demands.count {
                let wait = book.expectedWait(of: name, at: now) - LimitDesk.horizon / 2
                queues[name]?.notBefore = now + max(.milliseconds(1), wait)
            }
        }
        return goers
    }

    private mutating func leaving(_ waiter: LimitDesk.Waiter, _ turn: LimitDesk.Turn, at now: Timestamp)
        -> LimitGoer
    {
        waited += max(.zero, now.since(waiter.since))
        return LimitGoer(waiter: waiter, turn: turn)
    }

    /// What most of those who wait are waiting for, in words.
    var waitingFor: String? {
        queues.values.filter { !$0.waiters.isEmpty }
            .max { ($0.waiters.count, $0.reason) < ($1.waiters.count, $1.reason) }?.reason
    }
}
