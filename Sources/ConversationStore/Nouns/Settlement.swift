public import ParleyCore

/// How a request ended, and what is to become of its job.
public struct Settlement: Sendable {
    public var lease: Lease
    public var attempt: AttemptID
    public var session: SessionID
    public var batch: BatchID
    public var role: String
    /// The model that was asked.
    public var model: ModelName
    /// When the request ended.
    public var at: Timestamp
    public var latency: Duration
    /// How long the first token took, where the answer was streamed.
    public var firstToken: Duration?
    /// ``OpenAttempt/reserved``.
    public var reserved: Picodollars?
    /// The hash under which the request is known to those who share answers; nil where nothing is shared.
    public var knownAs: [UInt8]?
    public var outcome: Outcome

    public init(
        lease: Lease, attempt: AttemptID, session: SessionID, batch: BatchID, role: String, model: ModelName,
        at: Timestamp, latency: Duration, firstToken: Duration? = nil,
        reserved: Picodollars? = nil, knownAs: [UInt8]? = nil, outcome: Outcome
    ) {
        self.lease = lease
        self.attempt = attempt
        self.session = session
        self.batch = batch
        self.role = role
        self.model = model
        self.at = at
        self.latency = latency
        self.firstToken = firstToken
        self.reserved = reserved
        self.knownAs = knownAs
        self.outcome = outcome
    }

    public enum Outcome: Sendable {
        /// `cost` nil = unpriced, or no figures came; what was reserved then stays reserved.
        case answered(Completion, cost: Picodollars?, price: PriceID?)
        /// What had come of the answer is kept as a partial message.
        case failed(Failure, record: FailedRequest, next: NextStep)
        /// Stopped while the request was in the air: nobody knows what became of it.
        case interrupted(partialText: String?)
    }

    /// What is to become of a job whose request failed.
    public enum NextStep: Sendable, Hashable {
        case retry(at: Timestamp, candidate: Int)
        case fail
        /// Waiting again, and the request does not count as one of the job's attempts.
        case release(at: Timestamp)
    }
}

extension Settlement {
    var end: EndedRequest {
        EndedRequest(
            attempt: attempt, session: session, batch: batch, role: role, model: model, at: at,
            latency: latency, firstToken: firstToken)
    }
}

/// The evidence of a failed request.
public struct FailedRequest: Sendable, Hashable {
    /// The request as it was sent, without the key.
    public var body: String
    public var estimatedTokens: Int
    public var estimateMethod: String
    public var messagesCount: Int
    public var responseBody: String?
    /// What the provider charges although it failed, by ``Failure/usage``; nil = unpriced, or nothing was used.
    public var cost: Picodollars?
    public var price: PriceID?
    /// The most that may be charged beyond ``cost``, where the end says nothing of it; nil = nothing.
    public var mayCost: Picodollars?

    public init(
        body: String, estimatedTokens: Int, estimateMethod: String, messagesCount: Int,
        responseBody: String? = nil, cost: Picodollars? = nil, price: PriceID? = nil,
        mayCost: Picodollars? = nil
    ) {
        self.mayCost = mayCost.flatMap { $0 > .zero ? $0 : nil }
        self.cost = cost
        self.price = price
        self.body = body
        self.estimatedTokens = estimatedTokens
        self.estimateMethod = estimateMethod
        self.messagesCount = messagesCount
        self.responseBody = responseBody
    }
}
