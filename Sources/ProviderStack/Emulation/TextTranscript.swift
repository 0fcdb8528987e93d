import OrderedCollections
import ParleyCore

/// A conversation with tool calls, told to a model that knows of none.
///
/// The model's own turns stand in the form that is asked of it, so that it goes on in it; results that follow each other
/// are one turn of the user's. A result names its call by number, since a model without tools knows no ids.
struct TextTranscript {
    private(set) var messages: [Message] = []
    /// As many of ``messages`` as come from the shared beginning of the request.
    private(set) var sharedMessages = 0
    private var results: [Message] = []
    /// The calls of the last turn that made some.
    private var calls: [ToolCall] = []
    private let isReplyObject: Bool

    init(of request: CompletionRequest) {
        // An answer that is to be continued stays as it is.
        let isContinued = request.messages.last.map { $0.role == .assistant && $0.toolCalls.isEmpty } ?? false
        isReplyObject = !request.tools.isEmpty
        for (index, message) in request.messages.enumerated() {
            if message.role != .tool { tellResults() }
            if index == request.sharedMessages { sharedMessages = messages.count }
            if message.role == .tool { results.append(message) }
            if message.role == .tool || message.isGhost { continue }
            let isLast = index == request.messages.count - 1
            messages.append(message.role == .assistant && !(isLast && isContinued) ? told(message) : message)
            if !message.toolCalls.isEmpty { calls = message.toolCalls }
        }
        tellResults()
        if request.sharedMessages >= request.messages.count { sharedMessages = messages.count }
    }

    private func told(_ message: Message) -> Message {
        guard isReplyObject || !message.toolCalls.isEmpty else { return message }
        var told = message
        told.toolCalls = []
        told.continuation = nil
        let calls = message.toolCalls.map { call -> JSON in
            let arguments = call.arguments.object.map { JSON.object($0) } ?? .string(call.arguments.rawText)
            return ["arguments": arguments, "name": .string(call.name)]
        }
        let reply: JSON = ["assistant_response": .string(message.content), "tool_calls": .array(calls)]
        told.content = reply.text(sortsKeys: true)
        return told
    }

    private mutating func tellResults() {
        guard !results.isEmpty else { return }
        let lines = results.map { result in
            var members: JSONObject = ["content": .string(result.content)]
            if let number = calls.firstIndex(where: { $0.id == result.toolCallID }) {
                members["call"] = .int(number + 1)
                members["name"] = .string(calls[number].name)
            }
            if result.isError { members["is_error"] = true }
            return JSON.object(members).text(sortsKeys: true)
        }
        let isProtected = results.contains { $0.isProtected }
        let content = "Tool results:\n" + lines.joined(separator: "\n")
        messages.append(Message(role: .user, content: content, isProtected: isProtected))
        results = []
    }
}
