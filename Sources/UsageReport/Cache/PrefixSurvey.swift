public import ParleyCore

/// Which beginnings the requests of some batches share, and how long each is: what has to be known before the requests
/// are judged one by one.
///
/// Only beginnings that more than one job has are kept, so a million rows that share nothing take no memory.
public struct PrefixSurvey: Sendable {
    /// A beginning that a request has, and its length; 0 = not known, or nothing was ever kept of it.
    struct Beginning: Sendable, Hashable {
        var name: PrefixName
        var tokens: Int
    }

    private(set) var lanesByName: [CacheLane: LaneSurvey] = [:]
    /// About how long what each batch says for all rows is, in tokens.
    private let commonTokens: [BatchID: Int]
    private var last: CacheLane?
    /// All that were counted.
    public private(set) var requests = 0

    public init(commonTokens: [BatchID: Int] = [:]) { self.commonTokens = commonTokens }

    public var lanes: [CacheLane] { Array(lanesByName.keys) }

    /// Takes the sums of a prefix. Those of one lane come one after the other, in the order of their keys.
    public mutating func add(_ sums: PrefixSums) {
        if let last, last != sums.lane { lanesByName[last]?.closeShort() }
        last = sums.lane
        requests += sums.requests
        lanesByName[sums.lane, default: LaneSurvey(commonTokens: commonTokens[sums.lane.batch] ?? 0)].add(
            sums)
    }

    /// There are no more sums.
    public mutating func finish() {
        if let last { lanesByName[last]?.closeShort() }
        last = nil
    }
}

/// The beginnings of one lane.
struct LaneSurvey: Sendable {
    /// A beginning of the first level, and those of the second level that continue it.
    private struct Short: Sendable {
        var number: Int64
        /// Of all that have it.
        var all = BeginningLength()
        /// Of those that share no longer one.
        var rest = BeginningLength()

        var tokens: Int { rest.tokens > 0 ? rest.tokens : all.shorter }
    }

    private let commonTokens: Int
    private var all = BeginningLength()
    /// Of those that share nothing else.
    private var common = BeginningLength()
    private var shorts: [Int64: Short] = [:]
    private var longs: [Int64: BeginningLength] = [:]
    private var open: Short?
    private(set) var writes = false

    init(commonTokens: Int) { self.commonTokens = commonTokens }

    mutating func add(_ sums: PrefixSums) {
        let length = BeginningLength(sums)
        all.merge(length)
        if sums.writes { writes = true }
        guard let key = sums.prefix else { return common.merge(length) }
        if open?.number != key.short { closeShort() }
        var short = open ?? Short(number: key.short)
        short.all.merge(length)
        if key.hasLong, length.isShared {
            longs[key.number] = length
        } else {
            short.rest.merge(length)
        }
        open = short
    }

    /// No more keys with the same first level will come.
    mutating func closeShort() {
        guard let short = open else { return }
        if short.all.isShared { shorts[short.number] = short } else { common.merge(short.rest) }
        open = nil
    }

    /// The beginnings of a request, the shorter ones first; the last one is that by which it is counted.
    func chain(of key: PrefixKey?) -> [PrefixSurvey.Beginning] {
        var chain = [PrefixSurvey.Beginning(name: .common, tokens: commonLength)]
        guard let key, let short = shorts[key.short] else { return chain }
        chain.append(PrefixSurvey.Beginning(name: PrefixName(key, level: 1), tokens: short.tokens))
        if key.hasLong, let long = longs[key.number] {
            chain.append(PrefixSurvey.Beginning(name: PrefixName(key, level: 2), tokens: long.tokens))
        }
        return chain
    }

    /// What the batch says for all: as long as was read of it, else as its text is, if anything was ever read.
    private var commonLength: Int { common.tokens > 0 ? common.tokens : min(commonTokens, all.readLeast) }

    /// No beginning of that name can be longer.
    func tokensMax(of name: PrefixName) -> Int {
        switch name.level {
        case 0: max(commonTokens, common.tokens)
        case 1: shorts[name.number]?.rest.inputLeast ?? 0
        default: longs[name.number]?.inputLeast ?? 0
        }
    }
}
