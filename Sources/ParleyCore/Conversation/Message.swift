/// One turn of a conversation.
public struct Message: Sendable, Hashable {
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case system, user, assistant, tool
    }

    public var role: Role
    /// The visible text; empty where the turn consists of tool calls only.
    public var content: String
    /// What the model thought before it spoke, where the provider tells; never sent back as content.
    public var reasoning: String?
    /// The calls that an assistant's turn asks for.
    public var toolCalls: [ToolCall]
    /// For a `tool` turn: the id of the call that it answers.
    public var toolCallID: String?
    /// For a `tool` turn: the tool failed, and the content says how.
    public var isError: Bool
    /// Kept when a long history is compressed.
    public var isProtected: Bool
    /// For an `assistant` turn: what the provider wants back as it came when the conversation goes on, and nobody else reads: Anthropic's signed
    /// thinking, the reasoning items of Responses. An object with the member `dialect`; other dialects pass it over.
    public var continuation: JSON?

    public init(
        role: Role, content: String, reasoning: String? = nil, toolCalls: [ToolCall] = [],
        toolCallID: String? = nil, isError: Bool = false, isProtected: Bool = false,
        continuation: JSON? = nil
    ) {
        self.role = role
        self.content = content
        self.reasoning = reasoning
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.isError = isError
        self.isProtected = isProtected
        self.continuation = continuation
    }

    public static func system(_ content: String) -> Message { Message(role: .system, content: content) }
    public static func user(_ content: String) -> Message { Message(role: .user, content: content) }
    public static func assistant(_ content: String) -> Message { Message(role: .assistant, content: content) }
}
