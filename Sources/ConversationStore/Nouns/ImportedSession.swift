public import ParleyCore

/// A conversation as another program, another database or a file has it, ready to be stored.
public struct ImportedSession: Sendable, Hashable {
    /// What tells it from all others, wherever it is imported from: `llm:` with the conversation's id, `parley:` with the
    /// identity of the database and the session's number, `openai:` with the hash of the object.
    public var origin: String
    /// Where it stands in its file, for messages: `line 3`.
    public var place: String
    /// Empty: taken from the first question.
    public var title: String
    public var role: String
    public var model: ModelName
    public var system: String?
    public var settings: SessionSettings
    public var isArchived: Bool
    /// Nil where the source does not say.
    public var createdAt: Timestamp?
    public var updatedAt: Timestamp?
    public var messages: [ImportedMessage]

    public init(
        origin: String, place: String = "", title: String = "", role: String = "default", model: ModelName,
        system: String? = nil, settings: SessionSettings = SessionSettings(), isArchived: Bool = false,
        createdAt: Timestamp? = nil, updatedAt: Timestamp? = nil, messages: [ImportedMessage] = []
    ) {
        self.origin = origin
        self.place = place
        self.title = title
        self.role = role
        self.model = model
        self.system = system
        self.settings = settings
        self.isArchived = isArchived
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.messages = messages
    }

    /// The model of a conversation whose source names none. It cannot be asked: whoever goes on names another.
    public static let unknownModel = ModelName(provider: "unknown", model: "unknown")
}

/// One turn of an ``ImportedSession``.
public struct ImportedMessage: Sendable, Hashable {
    public var message: Message
    public var isPartial: Bool
    public var finishReason: String?
    public var isExtra: Bool
    public var setAsideAt: Timestamp?
    public var createdAt: Timestamp?
    /// What the source says of an answer.
    public var answer: ImportedAnswer?

    public init(
        _ message: Message, isPartial: Bool = false, finishReason: String? = nil, isExtra: Bool = false,
        setAsideAt: Timestamp? = nil, createdAt: Timestamp? = nil, answer: ImportedAnswer? = nil
    ) {
        self.message = message
        self.isPartial = isPartial
        self.finishReason = finishReason
        self.isExtra = isExtra
        self.setAsideAt = setAsideAt
        self.createdAt = createdAt
        self.answer = answer
    }
}

/// What the source of an imported answer says of it. Nothing of it was spent by this database.
public struct ImportedAnswer: Sendable, Hashable {
    /// In the source's words.
    public var model: String?
    public var usage: Usage?
    public var cost: Picodollars?

    public init(model: String? = nil, usage: Usage? = nil, cost: Picodollars? = nil) {
        self.model = model
        self.usage = usage
        self.cost = cost
    }

    public var isEmpty: Bool { model == nil && usage == nil && cost == nil }
}

/// What became of an ``ImportedSession``.
public enum ImportOutcome: Sendable, Hashable {
    case new(SessionID, messages: Int)
    /// It was imported before, and has grown since: its new messages were appended.
    case grown(SessionID, messages: Int)
    /// All of it is there.
    case known(SessionID)
    /// It has grown, but the conversation went on here too: nothing was appended. So many messages are missing.
    case continuedHere(SessionID, missing: Int)
    /// Its source says something else now than when it was imported; what is stored stays as it is.
    case changed(SessionID)
}

/// Why a conversation, or a whole file, cannot be imported; one sentence for the person at the keyboard.
public struct ImportProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public var file: String
    /// `line 3, column 7`, `conversation 01k…`; empty = the whole file.
    public var place: String
    public var reason: String

    public init(file: String, place: String = "", reason: String) {
        self.file = file
        self.place = place
        self.reason = reason
    }

    public var description: String { "\(file)\(place.isEmpty ? "" : ", \(place)"): \(reason)" }
}

/// What a file holds.
public struct ImportedFile: Sendable {
    public var sessions: [ImportedSession]
    /// Conversations that cannot be taken.
    public var problems: [ImportProblem]

    public init(sessions: [ImportedSession] = [], problems: [ImportProblem] = []) {
        self.sessions = sessions
        self.problems = problems
    }
}
