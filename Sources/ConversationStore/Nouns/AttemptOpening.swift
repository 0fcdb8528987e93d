public import ParleyCore

/// A request that is about to be sent: what the store writes down before it is.
public struct AttemptOpening: Sendable, Hashable {
    public var lease: Lease
    public var batch: BatchID
    /// Under which the usage is reported.
    public var role: String
    public var model: ModelName
    public var requestHash: [UInt8]
    public var idempotencyKey: String
    /// The conversation to go on with; nil means the one that an earlier request of the job began, or else a new one,
    /// with ``system``, ``messages`` and ``title``.
    public var session: SessionID?
    public var system: String?
    public var messages: [Message]
    public var title: String
    public var sentAt: Timestamp
    /// The most that the request can cost: reserved until its end is known. Nil where nobody knows, or it costs nothing.
    public var worstCase: Picodollars?
    /// Whose answers it may be given instead of being sent; nil = nobody's.
    public var reuse: ReuseScope?

    public init(
        lease: Lease, batch: BatchID, role: String, model: ModelName, requestHash: [UInt8],
        idempotencyKey: String, session: SessionID?, system: String?, messages: [Message], title: String,
        sentAt: Timestamp, worstCase: Picodollars? = nil, reuse: ReuseScope? = nil
    ) {
        self.reuse = reuse
        self.lease = lease
        self.batch = batch
        self.role = role
        self.model = model
        self.requestHash = requestHash
        self.idempotencyKey = idempotencyKey
        self.session = session
        self.system = system
        self.messages = messages
        self.title = title
        self.sentAt = sentAt
        self.worstCase = worstCase.flatMap { $0 > .zero ? $0 : nil }
    }
}

/// A request that is written down and may be sent now.
public struct OpenAttempt: Sendable, Hashable {
    public var attempt: AttemptID
    public var session: SessionID
    /// What is reserved for it; its settlement must name the same.
    public var reserved: Picodollars?
    /// To be sent with it: the opening's own, or that of an identical request that was lost.
    public var idempotencyKey: String

    public init(
        attempt: AttemptID, session: SessionID, reserved: Picodollars? = nil, idempotencyKey: String = ""
    ) {
        self.idempotencyKey = idempotencyKey
        self.attempt = attempt
        self.session = session
        self.reserved = reserved
    }
}
