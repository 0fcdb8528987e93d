import ParleyCore

/// Keeps for each beginning what its requests read, wrote and cost, and judges each that read less than it could have.
///
/// A plain value. The requests come one by one in the order of sending; what it holds grows with the beginnings that are
/// shared, not with the requests. A request counts for the longest beginning that another job has as well. It has missed when
/// it read less than three quarters of that; the first ones, which have to write it, are no fault.
public struct PrefixLedger: Sendable {
    /// What all rows share is worth a word from so many tokens on, where the provider's own minimum is not lower.
    public static let commonTokensMin = 256

    fileprivate struct Entry: Sendable {
        var line: PrefixLine
        var life = EntryLife()
        var minute = MinuteCount()
        /// Misses of this minute: overflow if there are too many requests in it, else the beginning has changed. A run that
        /// expects too many goes to further machines before the first one is full.
        var undecided = PrefixLine.Missed()
        /// Of this minute's, those that were not ready: one of them may have gone to a further machine as well.
        var hasty: [Int] = []
    }

    fileprivate struct LaneBook: Sendable {
        let survey: LaneSurvey
        let figures: CacheFigures
        var entries: [PrefixName: Entry] = [:]
    }

    private var books: [CacheLane: LaneBook] = [:]

    /// - Parameter figures: of each lane's model; a lane without them is not judged.
    public init(_ survey: PrefixSurvey, figures: [CacheLane: CacheFigures]) {
        for (lane, laneSurvey) in survey.lanesByName {
            guard let figures = figures[lane] else { continue }
            books[lane] = LaneBook(survey: laneSurvey, figures: figures)
        }
    }

    public mutating func add(_ request: CachedRequest) { books[request.lane]?.add(request) }

    /// The dearest to read first: by input tokens.
    public var lines: [PrefixLine] {
        books.values.flatMap { $0.entries.values.map(\.decidedLine) }.sorted { left, right in
            if left.usage.inputTotal != right.usage.inputTotal {
                return left.usage.inputTotal > right.usage.inputTotal
            }
            if left.lane.batch != right.lane.batch { return left.lane.batch < right.lane.batch }
            return (left.name, left.lane.model.description) < (right.name, right.lane.model.description)
        }
    }
}

extension PrefixLedger.LaneBook {
    fileprivate mutating func add(_ request: CachedRequest) {
        guard let beginning = survey.chain(of: request.prefix).last else { return }
        let fresh = PrefixLedger.Entry(line: PrefixLine(request, beginning, figures))
        entries[beginning.name, default: fresh].add(request, figures, survey)
    }
}

extension PrefixLedger.Entry {
    /// With all misses of the last minute decided.
    fileprivate var decidedLine: PrefixLine {
        var entry = self
        entry.decide(.changed)
        return entry.line
    }

    private mutating func decide(_ miss: CacheMiss) {
        guard undecided.requests > 0 else { return }
        line.missed[miss, default: PrefixLine.Missed()] += undecided
        undecided = PrefixLine.Missed()
    }

    fileprivate mutating func add(_ request: CachedRequest, _ figures: CacheFigures, _ survey: LaneSurvey) {
        line.add(request)
        let usage = request.usage
        let before = minute.add(at: request.sentAt)
        if before == 0 {
            decide(.changed)
            hasty = []
        }
        let isOver = figures.requestsPerMinute.map { before >= $0 } ?? false
        if isOver { decide(.overflow) }
        let reaches = usage.cacheRead > 0 && usage.cacheRead * 4 >= line.tokens * 3
        if reaches {
            life.find(at: request.sentAt, by: figures)
            if isOver, let limit = figures.requestsPerMinute, before % limit == 0 { findFurtherMachine() }
        } else if let miss = reason(at: request.sentAt, figures, survey) {
            let missed = PrefixLine.Missed(requests: 1, tokens: max(0, line.tokens - usage.cacheRead))
            if miss == .changed, figures.requestsPerMinute != nil, !isOver {
                undecided += missed
            } else {
                let why = miss == .changed && isOver ? .overflow : miss
                line.missed[why, default: PrefixLine.Missed()] += missed
                if why == .notReady, figures.requestsPerMinute != nil { hasty.append(missed.tokens) }
            }
        }
        life.use(
            at: request.sentAt, firstTokenAt: request.firstTokenAt, isLong: usage.cacheWrite1h > 0,
            by: figures)
    }

    /// One more machine is needed and has the beginning already: so somebody wrote it there, who seemed to be hasty.
    private mutating func findFurtherMachine() {
        guard let tokens = hasty.popLast() else { return }
        line.missed[.notReady]?.requests -= 1
        line.missed[.notReady]?.tokens -= tokens
        if line.missed[.notReady]?.requests == 0 { line.missed[.notReady] = nil }
        line.missed[.overflow, default: PrefixLine.Missed()] += PrefixLine.Missed(requests: 1, tokens: tokens)
    }

    /// Nil: it had to be so. What would be overflow counts as changed here.
    private func reason(at now: Timestamp, _ figures: CacheFigures, _ survey: LaneSurvey) -> CacheMiss? {
        let tokensMax = survey.tokensMax(of: line.name)
        if line.name == .common, tokensMax < min(PrefixLedger.commonTokensMin, figures.tokensMin) {
            return nil
        }
        let state = life.state(at: now, by: figures)
        if state == .cold { return nil }
        if line.tokens == 0, tokensMax < figures.tokensMin { return .tooShort }
        switch state {
        case .cold: return nil
        case .unripe: return .notReady
        case .expired: return .expired
        case .warm: return line.tokens == 0 ? .tooShort : .changed
        }
    }
}
