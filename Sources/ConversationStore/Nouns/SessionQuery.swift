public import ParleyCore

/// Which conversations are listed; what is nil is open.
public struct SessionQuery: Sendable, Hashable {
    public static let limitDefault = 20
    public static let limitMax = 10_000

    /// Those of jobs, instead of those that people lead.
    public var isOfJobs: Bool
    /// Which statuses are listed; nil = all but archived ones.
    public var statuses: Set<SessionStatus>?
    public var role: String?
    /// The model that the conversation goes on with, `provider/model`, or one side of the slash.
    public var model: String?
    /// The first moment that counts, of the last change.
    public var since: Timestamp?
    /// The first moment that counts no more.
    public var until: Timestamp?
    public var limit: Int

    public init(
        isOfJobs: Bool = false, statuses: Set<SessionStatus>? = nil, role: String? = nil,
        model: String? = nil, since: Timestamp? = nil, until: Timestamp? = nil,
        limit: Int = SessionQuery.limitDefault
    ) {
        precondition((1...Self.limitMax).contains(limit), "a list has 1 to \(Self.limitMax) sessions")
        self.isOfJobs = isOfJobs
        self.statuses = statuses
        self.role = role
        self.model = model
        self.since = since
        self.until = until
        self.limit = limit
    }
}

/// A conversation as it stands in a list.
public struct SessionSummary: Sendable, Hashable {
    public var id: SessionID
    /// Its title, else what its first question begins with.
    public var title: String
    public var role: String
    public var model: ModelName
    public var status: SessionStatus
    /// Some process is answering it just now, as far as is known.
    public var isBeingAnswered: Bool
    public var parent: SessionID?
    /// The batch and key of the job whose conversation it is.
    public var batch: String?
    public var jobKey: String?
    /// All that are stored, those that are history only as well.
    public var messages: Int
    /// The requests that were sent in it.
    public var requests: Int
    /// The cost of those that have a price.
    public var cost: Picodollars
    /// Answers of a model without a price; what they cost is not in ``cost``.
    public var unpriced: Int
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
}
