public import ParleyCore
public import ProviderStack

/// How a ``ConversationRunner`` goes about its work.
public struct ConversationSettings: Sendable {
    public static let toolRoundsDefault = 10

    /// Whether answers are shown and stored as they arrive.
    public var streams = true
    /// How often in one turn the model may ask for tools.
    public var toolRoundsMax = toolRoundsDefault
    /// How often an answer that does not follow its schema is asked for again.
    public var schemaRetriesMax = BatchSettings.schemaRetriesDefault
    /// The longest that a request waits for limits before it fails; nil = as long as it takes.
    public var limitTimeout: Duration?
    public var retry = RetryPolicy()
    public var board = PolicyBoard.Settings()
    /// Asked last of all, whatever the conversation says.
    public var lastResort: ModelName?

    public init() {}
}
