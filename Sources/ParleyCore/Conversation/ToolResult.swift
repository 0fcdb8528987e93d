/// What a tool call came to.
public struct ToolResult: Sendable, Hashable {
    /// For the model to read.
    public var content: String
    /// The tool failed, and the content says how.
    public var isError: Bool
    /// Kept when a long history is compressed.
    public var isProtected: Bool

    public init(content: String, isError: Bool = false, isProtected: Bool = false) {
        self.content = content
        self.isError = isError
        self.isProtected = isProtected
    }

    public static func error(_ sentence: String) -> ToolResult {
        ToolResult(content: sentence, isError: true)
    }
}
