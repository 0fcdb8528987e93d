public import ParleyCore

/// What is known of all requests of a lane with one prefix key before they are looked at one by one.
public struct PrefixSums: Sendable, Hashable {
    public var lane: CacheLane
    public var prefix: PrefixKey?
    public var requests: Int
    /// The first and the last of its jobs; a prefix of one job is shared by nobody.
    public var jobs: ClosedRange<Int64>
    /// The most tokens that a request read from the cache.
    public var readMax: Int
    /// The fewest of those that read anything; 0 = none did.
    public var readLeast: Int
    /// The most that a request read and wrote together.
    public var heldMax: Int
    /// The input tokens of the shortest request: no shared beginning can be longer.
    public var inputLeast: Int
    /// Whether tokens were billed as written.
    public var writes: Bool

    public init(
        lane: CacheLane, prefix: PrefixKey?, requests: Int, jobs: ClosedRange<Int64>, readMax: Int,
        readLeast: Int, heldMax: Int, inputLeast: Int, writes: Bool
    ) {
        self.lane = lane
        self.prefix = prefix
        self.requests = requests
        self.jobs = jobs
        self.readMax = readMax
        self.readLeast = readLeast
        self.heldMax = heldMax
        self.inputLeast = inputLeast
        self.writes = writes
    }
}

/// How long a beginning is, as far as what was read and written for it tells.
struct BeginningLength: Sendable, Hashable {
    private var jobs: ClosedRange<Int64>?
    private(set) var readMax = 0
    private(set) var readLeast = 0
    private(set) var heldMax = 0
    private(set) var inputLeast = Int.max

    /// Whether more than one job has it.
    var isShared: Bool { jobs.map { $0.lowerBound < $0.upperBound } ?? false }
    var isEmpty: Bool { jobs == nil }

    /// What was read is sure to be shared; what was only written is the best guess until somebody reads it.
    var tokens: Int { readMax > 0 ? readMax : heldMax }

    /// Some requests read much less than others: what they read is a beginning of its own.
    var shorter: Int { readLeast * 4 < readMax * 3 ? readLeast : 0 }

    init() {}

    init(_ sums: PrefixSums) {
        jobs = sums.jobs
        (readMax, readLeast) = (sums.readMax, sums.readLeast)
        (heldMax, inputLeast) = (sums.heldMax, sums.inputLeast)
    }

    mutating func merge(_ other: BeginningLength) {
        guard let theirs = other.jobs else { return }
        let mine = jobs ?? theirs
        jobs =
            min(mine.lowerBound, theirs.lowerBound)...max(mine.upperBound, theirs.upperBound)
        readMax = max(readMax, other.readMax)
        readLeast = [readLeast, other.readLeast].filter { $0 > 0 }.min() ?? 0
        heldMax = max(heldMax, other.heldMax)
        inputLeast = min(inputLeast, other.inputLeast)
    }
}
