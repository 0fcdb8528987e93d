public import ParleyCore

/// Hears what becomes of a request on its way through the policies: whoever keeps the ledger, or shows waits to a person.
///
/// The calls for one attempt come one after the other, ``willSend(_:)`` before anything is sent and
/// ``ended(_:with:)`` exactly once after it, a cancelled attempt's too.
public protocol AttemptObserver: Sendable {
    /// Awaited before the request is sent: the row of the ledger is written here. A failure thrown here is the attempt's
    /// end: nothing is sent, and ``ended(_:with:)`` is not called. Its kind should be `cancelled`, which nobody retries.
    func willSend(_ attempt: SentAttempt) async throws(Failure)

    func ended(_ attempt: SentAttempt, with outcome: AttemptOutcome) async

    /// Nothing is sent before that moment.
    func waiting(_ wait: PolicyWait) async

    /// The model could not answer, or not soon enough, and another one is asked.
    func fallingBack(from model: ModelName, to next: ModelName, because failure: Failure) async
}

extension AttemptObserver {
    public func willSend(_ attempt: SentAttempt) async throws(Failure) {}
    public func ended(_ attempt: SentAttempt, with outcome: AttemptOutcome) async {}
    public func waiting(_ wait: PolicyWait) async {}
    public func fallingBack(from model: ModelName, to next: ModelName, because failure: Failure) async {}
}

/// For whoever keeps no ledger.
public struct NoObserver: AttemptObserver {
    public init() {}
}

/// One request that goes to one provider.
public struct SentAttempt: Sendable, Hashable {
    /// As it is sent: with the model that is asked, and with the idempotency key that all tries share.
    public var request: CompletionRequest
    public var sentAt: Timestamp
    public var estimate: TokenEstimate

    public init(request: CompletionRequest, sentAt: Timestamp, estimate: TokenEstimate) {
        self.request = request
        self.sentAt = sentAt
        self.estimate = estimate
    }
}

/// How an attempt ended.
public struct AttemptOutcome: Sendable {
    public var result: Result<Completion, Failure>
    public var latency: Duration
    /// Nil where nothing came, or the answer came whole.
    public var firstEvent: Duration?
    /// For a failed attempt: the request as it was sent, without its key.
    public var wireBody: String?

    public init(
        result: Result<Completion, Failure>, latency: Duration, firstEvent: Duration? = nil,
        wireBody: String? = nil
    ) {
        self.result = result
        self.latency = latency
        self.firstEvent = firstEvent
        self.wireBody = wireBody
    }
}

/// Why nothing is sent just now, and until when.
public struct PolicyWait: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// The limits per minute: this request's turn comes then.
        case pace
        /// The provider has asked for silence.
        case pause
        /// As many requests are in the air as may be; nobody knows when one lands.
        case concurrency
        /// The request has failed in a way that may pass.
        case retry(Failure.Kind)
    }

    public var model: ModelName
    public var reason: Reason
    /// Nil where nobody knows.
    public var until: Timestamp?

    public init(model: ModelName, reason: Reason, until: Timestamp?) {
        self.model = model
        self.reason = reason
        self.until = until
    }
}
