public import ParleyCore

/// What is looked for among all that was ever said, and where.
public struct SearchQuery: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Conversations that people lead.
        case chats
        /// Those of batches' jobs.
        case batches
    }

    public static let limitDefault = 20
    public static let limitMax = 1000

    public var words: SearchExpression
    /// Who said it; nil = anybody.
    public var role: Message.Role?
    public var session: SessionID?
    /// Stored at that moment or later.
    public var since: Timestamp?
    /// Stored before that moment.
    public var until: Timestamp?
    /// The model that answered, else the one that the conversation began with: `provider/model`, or the model's name alone.
    public var model: String?
    public var kind: Kind?
    /// So many hits at most, from 1 to ``limitMax``.
    public var limit: Int

    public init(
        _ words: SearchExpression, role: Message.Role? = nil, session: SessionID? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil, model: String? = nil, kind: Kind? = nil, limit: Int = limitDefault
    ) {
        self.words = words
        self.role = role
        self.session = session
        self.since = since
        self.until = until
        self.model = model
        self.kind = kind
        self.limit = min(max(1, limit), Self.limitMax)
    }

    var hasFilter: Bool {
        role != nil || session != nil || since != nil || until != nil || model != nil || kind != nil
    }
}

/// A message in which it was found.
public struct SearchHit: Sendable, Hashable {
    /// A piece of the excerpt.
    public struct Piece: Sendable, Hashable {
        public var text: String
        public var isMatch: Bool

        public init(_ text: String, isMatch: Bool) {
            self.text = text
            self.isMatch = isMatch
        }
    }

    public var message: MessageID
    public var session: SessionID
    /// Its place in the conversation, from 0.
    public var position: Int
    public var role: Message.Role
    public var createdAt: Timestamp
    public var title: String
    /// The model that answered, or that the conversation began with.
    public var model: String
    /// The batch and the job whose conversation it is; nil for one that a person leads.
    public var batch: String?
    public var jobKey: String?
    /// Only shown, never sent again: it was taken out of its conversation, or is not its job's answer.
    public var isHistory: Bool
    /// The words around what was found, line breaks included.
    public var excerpt: [Piece]
    /// Greater is better; of use only beside the others of the same search.
    public var score: Double
}

/// What a search found, the best first.
public struct SearchPage: Sendable, Hashable {
    /// How far was looked when there was too much to look at.
    public enum Reach: Sendable, Hashable {
        /// Everything that fits was weighed.
        case all
        /// Only the newest so many messages that fit were weighed.
        case newestMatches(Int)
        /// Only the newest so many messages with these words were looked at; a narrower query sees further.
        case newestLooks(Int)
    }

    public var hits: [SearchHit]
    /// The messages that fit, as far as they were looked at.
    public var matches: Int
    public var reach: Reach
    /// Messages that are not in the index yet: those being answered, or all new ones of a store that is open for reading.
    public var unindexed: Int
}

/// How far the index is on its way to the newest message.
public struct SearchIndexProgress: Sendable, Hashable {
    /// Messages, by their numbers: those that were deleted count.
    public var done: Int
    public var total: Int
}
