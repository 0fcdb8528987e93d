public import ParleyCore

/// The right to work on a job for a while.
///
/// The token fences: whoever settles must still hold it. A token that somebody else has replaced is worth
/// nothing.
public struct Lease: Sendable, Hashable {
    public let job: JobID
    /// 16 bytes: the worker's 8, then 8 random ones.
    public let token: [UInt8]

    public init(job: JobID, token: [UInt8]) {
        precondition(token.count == Self.tokenLength, "a lease's token has 16 bytes")
        self.job = job
        self.token = token
    }

    static let tokenLength = 16
}

/// A job that was handed to a worker.
public struct LeasedJob: Sendable, Hashable {
    public var lease: Lease
    public var batch: BatchID
    /// The row's own id.
    public var key: String
    /// The row's columns: a JSON object as text.
    public var input: String
    /// The row's own system prompt, where it was lifted out of ``input``.
    public var rowSystem: String?
    /// Requests that were sent for it before, in this round.
    public var attempts: Int
    /// How often the user asked for the job anew; a part of the idempotency key.
    public var round: Int
    /// Whom to ask: 0 the model, 1… its fallbacks.
    public var candidate: Int
    /// The conversation that an earlier attempt began.
    public var session: SessionID?
    /// Where the row starts in its file, counted from 1.
    public var position: Int
    /// Which beginning of its prompt it shares with other jobs of its batch, if it may share one.
    public var prefix: PrefixKey?
    /// How many others share it that were still waiting when the job was handed out.
    public var mates = PrefixMates.none
    /// It was handed out as one of a new beginning (see ``PrefixOrders/beginnings``).
    public var opensBeginning = false

    public init(
        lease: Lease, batch: BatchID, key: String, input: String, rowSystem: String? = nil, attempts: Int = 0,
        round: Int = 0, candidate: Int = 0, session: SessionID? = nil, position: Int = 1,
        prefix: PrefixKey? = nil
    ) {
        self.prefix = prefix
        self.lease = lease
        self.batch = batch
        self.key = key
        self.input = input
        self.rowSystem = rowSystem
        self.attempts = attempts
        self.round = round
        self.candidate = candidate
        self.session = session
        self.position = position
    }
}
