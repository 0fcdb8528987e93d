public import ParleyCore

/// What a model has written, taken apart: words for the reader, and calls that it wrote as text.
public struct TextualReply: Sendable, Hashable {
    public var text: String
    public var calls: [ToolCall]
    /// One sentence for each call that was passed over.
    public var warnings: [String]

    public init(text: String, calls: [ToolCall] = [], warnings: [String] = []) {
        self.text = text
        self.calls = calls
        self.warnings = warnings
    }
}
