import OrderedCollections
import ParleyCore

/// A conversation as the Messages dialect takes it: the system prompt apart, then the turns of user and
/// assistant, one after the other, each made of blocks.
///
/// Neighbours of one role become one turn, so that the results of parallel calls stand together, in front of
/// whatever else the turn holds. Texts without a visible character are left out, because they are refused.
struct AnthropicTurns {
    /// What the user is taken to have said where a conversation has no turn or starts with the assistant's.
    static let opening = "Begin."
    /// The content of a failed tool's result that says nothing: an error must have one.
    static let wordlessError = "The tool failed."

    /// A string, or blocks where there are several or one of them is marked; nil for none.
    private(set) var system: JSON?
    private(set) var messages: [JSON] = []

    private struct Turn {
        var role: Message.Role
        var blocks: [JSON]
    }

    init(of request: CompletionRequest, marks: CacheMarks, provider: ProviderName) {
        // System messages at the start belong to the system prompt.
        let leading = request.messages.prefix { $0.role == .system }
        var prompt: [JSON] = []
        if let system = RequestBody.system(of: request), !Self.isBlank(system) {
            prompt.append(marks.marked(Self.text(system), marks.system))
        }
        for (index, message) in leading.enumerated() where !Self.isBlank(message.content) {
            prompt.append(marks.marked(Self.text(message.content), marks.messageIndex == index))
        }
        if !prompt.isEmpty { system = Self.shortened(prompt) }

        var turns: [Turn] = []
        for (index, message) in request.messages.enumerated().dropFirst(leading.count) {
            var blocks = Self.blocks(of: message, provider: provider)
            guard !blocks.isEmpty else { continue }
            if marks.messageIndex == index, let last = blocks.lastIndex(where: Self.takesMark) {
                blocks[last] = marks.marked(blocks[last])
            }
            if let split = marks.split, split.index == index, message.role == .user {
                blocks = [marks.marked(Self.text(split.head)), Self.text(split.tail)]
            }
            let role: Message.Role = message.role == .assistant ? .assistant : .user
            if turns.last?.role == role {
                turns[turns.count - 1].blocks += blocks
            } else {
                turns.append(Turn(role: role, blocks: blocks))
            }
        }
        if turns.first?.role != .user {
            turns.insert(Turn(role: .user, blocks: [Self.text(Self.opening)]), at: 0)
        }
        Self.trimEnd(of: &turns)
        messages = turns.map { turn in
            let results = turn.blocks.filter(Self.isToolResult)
            let others = turn.blocks.filter { !Self.isToolResult($0) }
            return [
                "content": Self.shortened(results + others), "role": .string(turn.role.rawValue),
            ]
        }
    }

    /// Whether a message has a block that may be marked for the cache.
    static func hasPlaceForMark(_ message: Message) -> Bool {
        switch message.role {
        case .tool: true
        case .assistant: !isBlank(message.content) || !message.toolCalls.isEmpty
        case .system, .user: !isBlank(message.content)
        }
    }

    private static func blocks(of message: Message, provider: ProviderName) -> [JSON] {
        switch message.role {
        case .user: isBlank(message.content) ? [] : [text(message.content)]
        // Only the newest models take system messages between the turns; as a user's words all of them do.
        case .system: isBlank(message.content) ? [] : [text("<system>\n\(message.content)\n</system>")]
        case .tool: [result(message)]
        case .assistant: answer(message, provider: provider)
        }
    }

    private static func result(_ message: Message) -> JSON {
        guard let id = message.toolCallID else {
            return text(isBlank(message.content) ? wordlessError : message.content)
        }
        var members: JSONObject = ["tool_use_id": .string(accepted(id: id)), "type": "tool_result"]
        if !isBlank(message.content) { members["content"] = .string(message.content) }
        if message.isError {
            members["is_error"] = true
            if members["content"] == nil { members["content"] = .string(wordlessError) }
        }
        return .object(members)
    }

    /// An assistant's turn: as it came where its provider is asked again, else its text and its calls.
    private static func answer(_ message: Message, provider: ProviderName) -> [JSON] {
        guard !message.isGhost else { return [] }
        let kept = AnthropicContinuation(message.continuation, for: provider)
        if let kept, kept.matches(message) { return kept.blocks.compactMap(repeated) }
        var blocks = kept?.thinking ?? []
        if !isBlank(message.content) { blocks.append(text(message.content)) }
        for call in message.toolCalls {
            blocks.append([
                "id": .string(accepted(id: call.id)), "input": .object(call.arguments.object ?? [:]),
                "name": .string(call.name), "type": "tool_use",
            ])
        }
        return blocks
    }

    /// A block of an earlier answer as it is sent back; nil for an empty text, which the provider writes but
    /// does not take.
    private static func repeated(_ block: JSON) -> JSON? {
        guard case .object(var members) = block else { return nil }
        switch members["type"]?.stringValue {
        case "text":
            if isBlank(members["text"]?.stringValue ?? "") { return nil }
            return block
        case "tool_use":
            members["id"] = .string(accepted(id: members["id"]?.stringValue ?? ""))
            return .object(members)
        default: return block
        }
    }

    /// A text that the model is to go on with must not end in white space.
    private static func trimEnd(of turns: inout [Turn]) {
        guard let turn = turns.last, turn.role == .assistant, case .object(var members)? = turn.blocks.last,
            let text = members["text"]?.stringValue, let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return }
        members["text"] = .string(String(text[...last]))
        turns[turns.count - 1].blocks[turn.blocks.count - 1] = .object(members)
    }
}

extension AnthropicTurns {
    private static func text(_ text: String) -> JSON { ["text": .string(text), "type": "text"] }

    /// A single plain text as a string, which means the same.
    private static func shortened(_ blocks: [JSON]) -> JSON {
        guard blocks.count == 1, case .object(let members) = blocks[0], members.count == 2,
            members["type"] == "text", let text = members["text"]
        else { return .array(blocks) }
        return text
    }

    private static func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    private static func isToolResult(_ block: JSON) -> Bool { block["type"] == "tool_result" }

    /// Thinking cannot be marked.
    private static func takesMark(_ block: JSON) -> Bool {
        ["text", "tool_use", "tool_result"].contains(block["type"]?.stringValue)
    }

    /// A call's id in the letters that the dialect takes; other providers use more (Moonshot's are
    /// `functions.name:0`).
    private static func accepted(id: String) -> String {
        guard !id.isEmpty else { return "call" }
        let isAccepted = id.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if isAccepted { return id }
        return String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" ? $0 : "_" })
    }
}
