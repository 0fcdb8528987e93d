public import ParleyCore

/// Something that `check` has to say of the database.
public struct CheckFinding: Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable {
        /// A law is broken.
        case damage
        /// Nothing is wrong, but somebody should know: requests whose fate is unknown, say.
        case note
    }

    public var severity: Severity
    /// The law's short name, such as `done-jobs-are-answered`.
    public var law: String
    public var count: Int
    /// A whole sentence.
    public var message: String
    /// The first rows concerned, by number or name.
    public var examples: [String]

    public init(severity: Severity, law: String, count: Int, message: String, examples: [String] = []) {
        self.severity = severity
        self.law = law
        self.count = count
        self.message = message
        self.examples = examples
    }
}

/// How large the database is.
public struct StoreStats: Sendable, Hashable {
    public struct Table: Sendable, Hashable {
        public var name: String
        public var rows: Int
    }

    public var path: String
    public var identity: String
    public var fileBytes: Int
    /// The write-ahead log beside it.
    public var logBytes: Int
    /// Bytes within the file that a vacuum would give back.
    public var freeBytes: Int
    /// The messages whose words the search index has; the rest is taken up by the next search.
    public var indexedMessages: Int
    public var tables: [Table]
}

/// One step of the schema's history that has been applied.
public struct AppliedMigration: Sendable, Hashable {
    public var name: String
    /// 64 hex digits.
    public var sha256: String
    public var appliedAt: Timestamp
}

/// Failed requests of one kind.
public struct FailureSummary: Sendable, Hashable {
    /// A ``Failure/Kind``'s name.
    public var kind: String
    public var model: ModelName
    public var count: Int
    public var lastAt: Timestamp
    /// The provider's words at the last one.
    public var lastMessage: String
}
