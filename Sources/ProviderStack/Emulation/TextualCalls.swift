import OrderedCollections
public import ParleyCore

/// Reads tool calls that a model wrote as text, because it has no other way or does not know it.
///
/// Four forms are read, the first that holds a call wins:
/// 1. marks: `<|tool_call_start|>…<|tool_call_end|>` (LFM2), `<tool_call>…</tool_call>` (Hermes, Qwen), with JSON or
///    call expressions inside;
/// 2. a reply object: `{"assistant_response": …, "tool_calls": […]}` and its relatives, alone, fenced or within prose;
/// 3. bare calls `{"name": …, "arguments": …}`: the whole text, or the end of it from the start of a line on;
/// 4. lines that are a call: `ask_user("…", options=["…"])`.
///
/// A text that only speaks of a tool stays text: a bare call with more prose behind it is an example, and a line counts only
/// outside of code blocks, with a tool of the request, with values that fit the tool's parameters and with nothing else
/// beside it. Calls of unknown tools are passed over with a warning.
public struct TextualCalls: Sendable {
    /// Which forms are read.
    public enum Forms: Sendable, Hashable {
        /// All: the model was asked to write its calls as text.
        case all
        /// Marks only: the model was given real tools, so that anything else is more likely prose.
        case marked
    }

    /// No answer has more; the rest is passed over with a warning.
    public static let callsMax = 64
    /// The most bytes that one call expression may take.
    public static let expressionBytesMax = 1 << 16

    let tools: [ToolDefinition]
    let forms: Forms
    /// The number in the first id, `call_N`.
    let firstNumber: Int
    /// Whether an object with nothing but `content` or `response` is a reply and not what was asked for.
    let unwrapsPlainReplies: Bool

    public init(
        tools: [ToolDefinition], forms: Forms = .all, firstNumber: Int = 0, unwrapsPlainReplies: Bool = true
    ) {
        self.tools = tools
        self.forms = forms
        self.firstNumber = firstNumber
        self.unwrapsPlainReplies = unwrapsPlainReplies
    }

    /// Takes an answer apart. A text without calls comes back as it is, unless it is a reply object: then its words do.
    public func read(_ text: String) -> TextualReply {
        var warnings: [String] = []
        if let reply = marked(in: text, warnings: &warnings) { return reply }
        guard forms == .all else { return TextualReply(text: text, warnings: warnings) }
        if let reply = replyObject(in: text) { return reply }
        if let reply = bareCalls(in: text, warnings: &warnings) { return reply }
        if let reply = callLines(in: text, warnings: &warnings) { return reply }
        return TextualReply(text: text, warnings: warnings)
    }

    /// Gives the calls their ids and passes over those of unknown tools.
    func resolved(_ written: [WrittenCall], warnings: inout [String]) -> [ToolCall] {
        var calls: [ToolCall] = []
        for call in written {
            guard let tool = tool(named: call.name) else {
                let name = call.name.prefix(64)
                warnings.append("the answer calls '\(name)', which is no tool of this request: ignored")
                continue
            }
            guard calls.count < Self.callsMax else {
                warnings.append("the answer has more than \(Self.callsMax) calls: the rest is ignored")
                break
            }
            calls.append(
                ToolCall(
                    id: "call_\(firstNumber + calls.count)", name: tool.name,
                    arguments: call.arguments(for: tool)))
        }
        return calls
    }

    /// The tool of that name, also where the model put a space of names before it: `functions.lookup`.
    func tool(named name: String) -> ToolDefinition? {
        if let tool = tools.first(where: { $0.name == name }) { return tool }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let last = name[name.index(after: dot)...]
        return tools.first { $0.name == last }
    }
}

/// A call as the model wrote it, before its tool is known.
struct WrittenCall: Sendable, Hashable {
    var name: String
    var values: Values
    /// The text ended within it.
    var isCut = false

    enum Values: Sendable, Hashable {
        /// JSON: mostly an object, or a string that holds one.
        case json(JSON?)
        /// `lookup("Paris", limit=3)`.
        case expression(positional: [JSON], named: JSONObject)
    }
}
