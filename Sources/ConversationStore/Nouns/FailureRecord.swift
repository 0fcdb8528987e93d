public import ParleyCore

/// Which failed requests are asked for; a limit that is nil is open.
public struct FailureQuery: Sendable, Hashable {
    public static let limitDefault = 20
    /// More than are ever kept.
    public static let limitMax = 1_000_000

    public var batch: BatchID?
    public var kind: Failure.Kind?
    /// The first moment that counts.
    public var since: Timestamp?
    /// The first moment that counts no more.
    public var until: Timestamp?
    /// The most that one page holds.
    public var limit: Int
    /// The last record of the page before; the next page goes on after it.
    public var after: FailureRecord?

    public init(
        batch: BatchID? = nil, kind: Failure.Kind? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
        limit: Int = FailureQuery.limitDefault, after: FailureRecord? = nil
    ) {
        precondition((1...Self.limitMax).contains(limit), "a page holds 1 to \(Self.limitMax) failures")
        self.batch = batch
        self.kind = kind
        self.since = since
        self.until = until
        self.limit = limit
        self.after = after
    }
}

/// A failed request as it stands in a listing.
public struct FailureRecord: Sendable, Hashable {
    /// The failure's number is that of its attempt.
    public var id: AttemptID
    public var failedAt: Timestamp
    /// A ``Failure/Kind``'s name; one of a newer parley may not be known here.
    public var kind: String
    /// The HTTP status, where there was an answer.
    public var status: Int?
    /// The provider's own code.
    public var code: String?
    /// The provider's words, without prompt or key.
    public var message: String
    public var model: ModelName
    /// Nil for what was asked by hand.
    public var batch: String?
    public var jobKey: String?
    public var session: SessionID
    public var estimatedTokens: Int
    public var estimateMethod: String
    public var messagesCount: Int
}

/// All that is kept of a failed request.
public struct FailureDetail: Sendable, Hashable {
    public var record: FailureRecord
    /// Which request of its job it was, counted from 1.
    public var attempt: Int
    /// How many requests the job has had so far.
    public var attempts: Int
    public var role: String
    public var jobState: JobState?
    public var sentAt: Timestamp
    public var latency: Duration?
    public var idempotencyKey: String
    /// The request as it was sent, without its key; empty where nothing was sent over a wire.
    public var requestBody: String
    public var responseBody: String?
}

/// How often requests failed in one way.
public struct FailureCount: Sendable, Hashable {
    /// A ``Failure/Kind``'s name.
    public var kind: String
    public var count: Int
    public var lastAt: Timestamp
}
