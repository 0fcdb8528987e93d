import ParleyCore

/// The beginnings of prompts that a provider remembers, by the rules of its flavour. A plain value: time comes in.
struct PromptCache: Sendable {
    /// The most beginnings that are remembered; the oldest go first.
    static let entriesMax = 524_288

    /// A beginning of a prompt: its length in tokens, and a hash of it and of the model.
    struct Prefix: Sendable, Hashable {
        var tokens: Int
        var hash: UInt64
        /// A block of the prompt ends here.
        var endsBlock = false
        /// It is as long as a whole number of units; always so where there are none.
        var endsUnit = true
    }

    /// What one request asks of the cache.
    struct Look: Sendable {
        var rules: CacheRules
        /// In ascending order.
        var prefixes: [Prefix]
        /// The marked ones among them, in ascending order.
        var marks: [(prefix: Int, isLong: Bool)] = []
        var isLong = false
        /// Apart for each key and each machine.
        var room: UInt64 = 0
        var now: Timestamp
        /// When the first token of the answer comes: from then on, what is written now can be read.
        var readyAt: Timestamp

        var lifetime: CacheLifetime { isLong ? rules.lifetimeLong : rules.lifetime }
        func key(_ prefix: Prefix) -> UInt64 { prefix.hash ^ (room &* 0x9E37_79B9_7F4A_7C15) }
    }

    /// How many tokens were read from the cache, and written to it where that is billed.
    struct Use: Sendable, Hashable {
        var read = 0
        var written5m = 0
        var written1h = 0
    }

    private struct Entry: Sendable {
        var readyAt: Timestamp
        var expiresAt: Timestamp
        /// However often it is used.
        var diesAt: Timestamp?
        var idle: Duration

        func isAlive(at now: Timestamp) -> Bool { now < expiresAt && diesAt.map { now < $0 } ?? true }
    }

    private var entries: [UInt64: Entry] = [:]
    private var order: [UInt64] = []
    private var oldest = 0
    private var lastPrompts: [UInt64: [UInt64]] = [:]

    mutating func use(_ look: Look) -> Use {
        switch look.rules.places {
        case .steps: useSteps(look)
        case .units(let tokens): useUnits(look, tokens: tokens)
        case .marks(let lookback, _): useMarks(look, lookback: lookback)
        }
    }

    /// Every step is remembered at once.
    private mutating func useSteps(_ look: Look) -> Use {
        var use = Use()
        var keys: [UInt64] = []
        for prefix in look.prefixes {
            let key = look.key(prefix)
            if visit(key, look, look.lifetime) { use.read = prefix.tokens }
            if look.rules.keepsLastPromptOnly { keys.append(key) }
        }
        if look.rules.keepsLastPromptOnly {
            let kept = Set(keys)
            for key in lastPrompts[look.room] ?? [] where !kept.contains(key) { entries[key] = nil }
            lastPrompts[look.room] = keys
        }
        return use
    }

    /// A whole input is kept at once. Of other beginnings none is, until a second request comes by: then what both share is
    /// kept, for a third to read.
    private mutating func useUnits(_ look: Look, tokens unit: Int) -> Use {
        var use = Use()
        var shared: Prefix?
        func kept(_ prefix: Prefix) -> UInt64 { ~look.key(prefix) }
        for prefix in look.prefixes {
            if prefix.endsUnit, visit(look.key(prefix), look, look.lifetime) { shared = prefix }
            if isReady(kept(prefix), look) {
                use.read = prefix.tokens / unit * unit
                _ = visit(kept(prefix), look, look.lifetime)
            }
        }
        if let shared, shared.tokens > use.read { _ = visit(kept(shared), look, look.lifetime) }
        if let whole = look.prefixes.last, whole.endsBlock { _ = visit(kept(whole), look, look.lifetime) }
        return use
    }

    /// The longest entry that a mark finds at or before itself is read; from there to the last mark is written.
    private mutating func useMarks(_ look: Look, lookback: Int) -> Use {
        let marks = look.marks.filter { look.prefixes[$0.prefix].tokens >= look.rules.tokensMin }
        var found: Int?
        for mark in marks.reversed() where found == nil {
            found = (max(0, mark.prefix - lookback)...mark.prefix).last {
                isReady(look.key(look.prefixes[$0]), look)
            }
        }
        var use = Use(read: found.map { look.prefixes[$0].tokens } ?? 0)
        if let found {
            let key = look.key(look.prefixes[found])
            _ = visit(key, look, look.lifetime)
        }
        var end = use.read
        for mark in marks {
            let prefix = look.prefixes[mark.prefix]
            let lifetime = mark.isLong ? look.rules.lifetimeLong : look.lifetime
            if prefix.tokens <= use.read {
                // Coming by it again counts as its use.
                if isReady(look.key(prefix), look) { _ = visit(look.key(prefix), look, lifetime) }
                continue
            }
            _ = visit(look.key(prefix), look, lifetime)
            if mark.isLong {
                use.written1h += prefix.tokens - end
            } else {
                use.written5m += prefix.tokens - end
            }
            end = prefix.tokens
        }
        return use
    }
}

extension PromptCache {
    private func isReady(_ key: UInt64, _ look: Look) -> Bool {
        guard let entry = entries[key], entry.isAlive(at: look.now) else { return false }
        return entry.readyAt <= look.now
    }

    /// Whether the entry could be read; from now on it stands there, and its idle time starts anew.
    private mutating func visit(_ key: UInt64, _ look: Look, _ lifetime: CacheLifetime) -> Bool {
        if var entry = entries[key], entry.isAlive(at: look.now) {
            let isReady = entry.readyAt <= look.now
            entry.readyAt = min(entry.readyAt, look.readyAt)
            entry.idle = max(entry.idle, lifetime.idle(of: key))
            entry.expiresAt = max(entry.expiresAt, look.now + entry.idle)
            entries[key] = entry
            return isReady
        }
        let isNew = entries[key] == nil
        let idle = lifetime.idle(of: key)
        entries[key] = Entry(
            readyAt: look.readyAt, expiresAt: look.now + idle, diesAt: lifetime.ageMax.map { look.now + $0 },
            idle: idle)
        if isNew { makeRoom(for: key) }
        return false
    }

    private mutating func makeRoom(for key: UInt64) {
        if order.count < Self.entriesMax {
            order.append(key)
        } else {
            entries[order[oldest]] = nil
            order[oldest] = key
            oldest = (oldest + 1) % Self.entriesMax
        }
    }
}
