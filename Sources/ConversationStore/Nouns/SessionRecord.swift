public import ParleyCore

/// A conversation that begins.
public struct SessionDraft: Sendable, Hashable {
    /// The most characters of a first message that become a title.
    public static let titleLengthMax = 60

    /// Empty: taken from the first message.
    public var title: String
    /// Under which the usage is reported.
    public var role: String
    public var model: ModelName
    public var system: String?
    public var settings: SessionSettings

    public init(
        title: String = "", role: String = "default", model: ModelName, system: String? = nil,
        settings: SessionSettings = SessionSettings()
    ) {
        self.title = title
        self.role = role
        self.model = model
        self.system = system
        self.settings = settings
    }

    /// The first line that says something, cut at a word.
    public static func title(from text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        let words = line.split(whereSeparator: \.isWhitespace)
        var title = ""
        for word in words {
            guard title.count + word.count + 1 <= titleLengthMax else {
                return title.isEmpty ? String(word.prefix(titleLengthMax - 1)) + "…" : title + " …"
            }
            title += title.isEmpty ? String(word) : " \(word)"
        }
        return title
    }
}

/// A conversation as it is stored, without what was said in it.
public struct SessionRecord: Sendable, Hashable {
    public var id: SessionID
    public var title: String
    public var role: String
    public var model: ModelName
    public var system: String?
    public var settings: SessionSettings
    public var status: SessionStatus
    /// What it was forked from.
    public var parent: SessionID?
    /// How many of its first messages are copies of its parent's.
    public var forkedMessages: Int?
    /// The job whose conversation it is; nil for one led by hand.
    public var job: JobID?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// Some process is answering it just now, as far as is known.
    public var isBeingAnswered: Bool
}

/// What is changed in a conversation; nil leaves it as it is.
public struct SessionChange: Sendable, Hashable {
    public var title: String?
    public var role: String?
    public var model: ModelName?
    /// An empty text takes the system prompt away.
    public var system: String?
    public var settings: SessionSettings?

    public init(
        title: String? = nil, role: String? = nil, model: ModelName? = nil, system: String? = nil,
        settings: SessionSettings? = nil
    ) {
        self.title = title
        self.role = role
        self.model = model
        self.system = system
        self.settings = settings
    }
}
