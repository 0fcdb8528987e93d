public import ParleyCore

/// A question that is about to be asked, or a conversation that goes on without one.
public struct TurnDraft: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        case new(SessionDraft)
        case existing(SessionID)
    }

    public var place: Place
    /// Appended to the conversation, in order.
    public var messages: [Message]
    /// Taken out of the conversation: what is asked for anew.
    public var setsAside: [MessageID]
    /// The broken answer that the next one goes on with: taken out as soon as something of that one is stored.
    public var replaces: MessageID?

    public init(
        _ place: Place, messages: [Message], setsAside: [MessageID] = [], replaces: MessageID? = nil
    ) {
        self.place = place
        self.messages = messages
        self.setsAside = setsAside
        self.replaces = replaces
    }
}

/// A turn that this process is answering. Nobody else can answer in its conversation until it is closed.
public struct OpenTurn: Sendable, Hashable {
    public let session: SessionID
    let worker: [UInt8]
}

/// A request of a turn that is about to be sent.
public struct TurnRequest: Sendable, Hashable {
    public var role: String
    public var model: ModelName
    public var requestHash: [UInt8]
    public var idempotencyKey: String
    public var sentAt: Timestamp

    public init(
        role: String, model: ModelName, requestHash: [UInt8], idempotencyKey: String, sentAt: Timestamp
    ) {
        self.role = role
        self.model = model
        self.requestHash = requestHash
        self.idempotencyKey = idempotencyKey
        self.sentAt = sentAt
    }
}

/// What has come of an answer so far.
public struct AnswerPart: Sendable, Hashable {
    public var text: String
    public var reasoning: String

    public init(text: String = "", reasoning: String = "") {
        self.text = text
        self.reasoning = reasoning
    }

    public var isEmpty: Bool { text.isEmpty && reasoning.isEmpty }
    public var bytes: Int { text.utf8.count + reasoning.utf8.count }
}

/// How a request of a turn ended.
public struct TurnSettlement: Sendable {
    public enum Outcome: Sendable {
        /// `cost` nil = unpriced, or no figures came.
        case answered(Completion, cost: Picodollars?, price: PriceID?)
        case failed(Failure, record: FailedRequest, part: AnswerPart)
        /// Stopped while the request was in the air: nobody knows what it cost.
        case interrupted(part: AnswerPart)
    }

    public var attempt: AttemptID
    public var role: String
    public var model: ModelName
    public var at: Timestamp
    public var latency: Duration
    public var firstToken: Duration?
    public var outcome: Outcome

    public init(
        attempt: AttemptID, role: String, model: ModelName, at: Timestamp, latency: Duration,
        firstToken: Duration? = nil, outcome: Outcome
    ) {
        self.attempt = attempt
        self.role = role
        self.model = model
        self.at = at
        self.latency = latency
        self.firstToken = firstToken
        self.outcome = outcome
    }
}
