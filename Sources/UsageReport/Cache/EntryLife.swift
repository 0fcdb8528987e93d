import ParleyCore

/// Whether a beginning can be read from a provider's cache: written when, ripe when, last used when. A plain value.
struct EntryLife: Sendable, Hashable {
    enum State: Sendable, Hashable {
        /// Nobody has written it yet, or one more is needed: whoever comes now does it.
        case cold
        /// Somebody is writing it; the first token has not come.
        case unripe
        case warm
        /// It was there, and its last use lies too far back.
        case expired
    }

    /// When each of the requests that are needed had its first token.
    private var ripeAt: [Timestamp] = []
    private var usedAt: Timestamp?
    private var isLong = false

    func state(at now: Timestamp, by figures: CacheFigures) -> State {
        guard let usedAt else { return .cold }
        if now.since(usedAt) >= lifetime(figures) { return .expired }
        let ripe = stage(at: now)
        if ripe >= figures.leaders { return .warm }
        return ripeAt.count > ripe ? .unripe : .cold
    }

    /// A request with the beginning was sent; what it writes is ripe at its first token.
    mutating func use(
        at now: Timestamp, firstTokenAt: Timestamp, isLong: Bool = false, by figures: CacheFigures
    ) {
        if state(at: now, by: figures) == .expired { self = EntryLife() }
        if isLong { self.isLong = true }
        let ripe = stage(at: now)
        var latest = now
        if ripe < figures.leaders {
            if ripeAt.count > ripe {
                ripeAt[ripe] = min(ripeAt[ripe], firstTokenAt)
            } else {
                ripeAt.append(firstTokenAt)
            }
            latest = firstTokenAt
        }
        usedAt = max(usedAt ?? latest, latest)
    }

    /// It was read, so it was there, whatever the figures say.
    mutating func find(at now: Timestamp, by figures: CacheFigures) {
        if state(at: now, by: figures) != .warm {
            ripeAt = Array(repeating: now, count: figures.leaders)
        }
        usedAt = max(usedAt ?? now, now)
    }

    private func stage(at now: Timestamp) -> Int { ripeAt.prefix { $0 <= now }.count }

    private func lifetime(_ figures: CacheFigures) -> Duration {
        isLong ? figures.lifetimeLong ?? figures.lifetime : figures.lifetime
    }
}

/// How many requests with one beginning were sent within the minute.
struct MinuteCount: Sendable, Hashable {
    /// A little longer than a minute: the provider's begins when the requests arrive.
    static let length = Duration.seconds(61)

    private var start: Timestamp?
    private var count = 0

    /// Counts one more, and gives how many came before it.
    mutating func add(at now: Timestamp) -> Int {
        if let start, now.since(start) < Self.length {
            count += 1
        } else {
            start = now
            count = 1
        }
        return count - 1
    }
}
