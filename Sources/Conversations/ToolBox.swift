public import ConversationStore
public import ParleyCore

/// The tools of a conversation, and whoever runs them.
public protocol ToolBox: Sendable {
    /// What the models are told of, in the order in which it is sent.
    var definitions: [ToolDefinition] { get }

    /// Whether a call is run. Asked one call after the other, before any of them is run: a person may be asked here.
    func decide(on call: StoredCall) async -> ToolDecision

    /// Runs a call that was decided on. Calls of one answer run beside each other. An end that is cancelled is thrown; whatever
    /// else goes wrong is a result that says so.
    func run(_ call: StoredCall) async throws(CancellationError) -> ToolResult
}

/// What becomes of a tool call.
public enum ToolDecision: Sendable, Hashable {
    case run
    /// Answered as an error: the model is told why.
    case refuse(String)
    /// Nobody here can run it; it waits for its result.
    case wait
}

/// For conversations without tools. Calls of earlier turns wait.
public struct NoTools: ToolBox {
    public init() {}

    public var definitions: [ToolDefinition] { [] }
    public func decide(on call: StoredCall) async -> ToolDecision { .wait }
    public func run(_ call: StoredCall) async throws(CancellationError) -> ToolResult {
        .error("There is nobody to run this tool.")
    }
}
