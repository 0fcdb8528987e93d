import ParleyCore

/// Computes what the providers' caches would have given if the jobs had been sent in the order of their arrival.
///
/// The moments of sending and the times to the first token (or to the first request that read what was written, if that was
/// earlier) are those that were; only the jobs are dealt out to them anew, in
/// the order of their numbers. A beginning can be read from the first token of the answer that wrote it on (or of as many as
/// the provider needs), until nobody has used it for its lifetime, if it is long enough; and beyond so many requests a minute
/// each further machine knows nothing. A beginning is as long as the most that was ever read of it.
public struct ArrivalReplay: Sendable {
    /// Of all batches together, no more requests are replayed than this: each takes some 60 bytes.
    public static let requestsMax = 200_000

    /// A request in few bytes.
    private struct Item: Sendable {
        var job: Int64
        var prefix: Int64
        var sentAt: Int64
        var firstTokenMilliseconds: Int32
        var price: Int32
        var uncached: Int32
        var read: Int32
        var written5m: Int32
        var written1h: Int32

        var key: PrefixKey? { prefix > 0 ? PrefixKey(prefix) : nil }
        var inputTotal: Int { Int(uncached) + Int(read) + Int(written5m) + Int(written1h) }
    }

    private let survey: PrefixSurvey
    private let figures: [CacheLane: CacheFigures]
    private var items: [CacheLane: [Item]] = [:]
    private var prices: [Price] = []
    private var priceIndices: [Price: Int32] = [:]

    public init(_ survey: PrefixSurvey, figures: [CacheLane: CacheFigures]) {
        self.survey = survey
        self.figures = figures
    }

    public mutating func add(_ request: CachedRequest) {
        let usage = request.usage
        items[request.lane, default: []].append(
            Item(
                job: request.job.number, prefix: request.prefix?.number ?? 0,
                sentAt: request.sentAt.milliseconds,
                firstTokenMilliseconds: Int32(
                    clamping: request.firstTokenAt.since(request.sentAt).milliseconds),
                price: index(of: request.price), uncached: Int32(clamping: usage.inputUncached),
                read: Int32(clamping: usage.cacheRead), written5m: Int32(clamping: usage.cacheWrite5m),
                written1h: Int32(clamping: usage.cacheWrite1h)))
    }

    private mutating func index(of price: Price?) -> Int32 {
        guard let price else { return -1 }
        if let last = prices.last, last == price { return Int32(prices.count - 1) }
        if let index = priceIndices[price] { return index }
        prices.append(price)
        priceIndices[price] = Int32(prices.count - 1)
        return Int32(prices.count - 1)
    }

    /// Puts what it comes to beside what was.
    public func told(in lines: [PrefixLine]) -> [PrefixLine] {
        var sums: [CacheLane: [PrefixName: PrefixLine.Arrival]] = [:]
        for (lane, items) in items { sums[lane] = replay(lane, items) }
        return lines.map { line in
            var line = line
            line.arrival = sums[line.lane]?[line.name] ?? PrefixLine.Arrival()
            return line
        }
    }

    private func replay(_ lane: CacheLane, _ items: [Item]) -> [PrefixName: PrefixLine.Arrival] {
        guard let survey = survey.lanesByName[lane], let figures = figures[lane] else { return [:] }
        let slots = items.indices.sorted { (items[$0].sentAt, $0) < (items[$1].sentAt, $1) }
        let jobs = items.indices.sorted { (items[$0].job, $0) < (items[$1].job, $1) }
        let ripeAt = ripening(of: items, in: slots, survey)
        var cache = ReplayedCache(figures: figures)
        var sums: [PrefixName: PrefixLine.Arrival] = [:]
        for (slot, job) in zip(slots, jobs) {
            let item = items[job]
            let sentAt = Timestamp(milliseconds: items[slot].sentAt)
            let firstTokenAt = Timestamp(milliseconds: ripeAt[slot])
            let chain = survey.chain(of: item.key)
            guard let own = chain.last else { continue }
            let read = min(cache.read(chain, sentAt: sentAt, firstTokenAt: firstTokenAt), item.inputTotal)
            var usage = Usage(inputUncached: item.inputTotal - read, cacheRead: read)
            if survey.writes, own.tokens >= figures.tokensMin {
                usage.cacheWrite5m = max(0, min(own.tokens, item.inputTotal) - read)
                usage.inputUncached -= usage.cacheWrite5m
            }
            var sum = sums[own.name] ?? PrefixLine.Arrival()
            sum.read += read
            if item.price >= 0 { sum.inputCost += prices[Int(item.price)].cost(of: usage) }
            sums[own.name] = sum
        }
        return sums
    }
}

extension ArrivalReplay {
    /// When what each request wrote could be read: at its first token; or before it, where somebody did read it so early.
    ///
    /// Which of several made it possible is not known, so all of them count: rather too much is said of the order of arrival.
    private func ripening(of items: [Item], in slots: [Int], _ survey: LaneSurvey) -> [Int64] {
        var ripeAt = items.map { $0.sentAt + Int64($0.firstTokenMilliseconds) }
        var writers: [PrefixName: [Int]] = [:]
        for slot in slots {
            guard let own = survey.chain(of: items[slot].key).last else { continue }
            let read = Int(items[slot].read)
            if read > 0, read * 4 >= own.tokens * 3 {
                for writer in writers.removeValue(forKey: own.name) ?? [] {
                    ripeAt[writer] = min(ripeAt[writer], items[slot].sentAt)
                }
            } else {
                writers[own.name, default: []].append(slot)
            }
        }
        return ripeAt
    }
}

/// A provider's cache as the replay has it.
private struct ReplayedCache {
    /// The entries of one beginning, one for each machine.
    private struct Machines {
        var minute = MinuteCount()
        var lives: [EntryLife] = []

        /// Whether a request finds the beginning; after it, it is used.
        mutating func find(sentAt: Timestamp, firstTokenAt: Timestamp, by figures: CacheFigures) -> Bool {
            let before = minute.add(at: sentAt)
            let machine = figures.requestsPerMinute.map { before / $0 } ?? 0
            while lives.count <= machine { lives.append(EntryLife()) }
            let isWarm = lives[machine].state(at: sentAt, by: figures) == .warm
            lives[machine].use(at: sentAt, firstTokenAt: firstTokenAt, by: figures)
            return isWarm
        }
    }

    let figures: CacheFigures
    private var beginnings: [PrefixName: Machines] = [:]

    init(figures: CacheFigures) { self.figures = figures }

    /// How many tokens a request with these beginnings reads.
    mutating func read(
        _ chain: [PrefixSurvey.Beginning], sentAt: Timestamp, firstTokenAt: Timestamp
    ) -> Int {
        var read = 0
        // Where requests are spread over machines, each goes by its longest beginning.
        let gates = figures.requestsPerMinute == nil ? chain[...] : chain.suffix(1)
        for gate in gates where gate.tokens >= figures.tokensMin {
            let isFound = beginnings[gate.name, default: Machines()].find(
                sentAt: sentAt, firstTokenAt: firstTokenAt, by: figures)
            if isFound { read = max(read, gate.tokens) }
        }
        return read
    }
}
