import OrderedCollections
import ParleyCore

/// The words that stand in for tools: how a model without any is told of them, and how a transcript with calls and results
/// is told to it.
///
/// The same request always makes the same words: tools in the request's order, JSON with sorted keys, and what varies from
/// turn to turn (the tool choice) at the end, so that a prompt cache holds.
enum ToolInstructions {
    /// What is added to the system prompt.
    static func words(for request: CompletionRequest) -> String {
        let tools = request.tools.map { tool in
            let members: JSON = [
                "description": .string(tool.summary), "name": .string(tool.name),
                "parameters": tool.parameters,
            ]
            return members.text(sortsKeys: true)
        }
        var paragraphs = [
            """
            # Tools
            You can have these tools run. Each line is one tool; `parameters` is a JSON Schema.
            \(tools.joined(separator: "\n"))
            """,
            """
            # Form of your reply
            Reply with one JSON object and nothing before or after it:
            {"assistant_response": "your words to the user", "tool_calls": [{"name": "a tool's name", "arguments": {}}]}
            `assistant_response` may be empty when you call a tool. `tool_calls` is [] when you need none. \
            The results come with the next message; never make them up.
            """,
        ]
        if let format = words(for: request.responseFormat) { paragraphs.append(format) }
        if let choice = words(for: request.toolChoice) { paragraphs.append(choice) }
        return paragraphs.joined(separator: "\n\n")
    }

    private static func words(for choice: ToolChoice) -> String? {
        switch choice {
        case .automatic: nil
        case .none: "Call no tool in this reply: `tool_calls` must be []."
        case .required: "Call at least one tool in this reply."
        case .named(let name): "Call the tool `\(name)` in this reply."
        }
    }

    private static func words(for format: ResponseFormat) -> String? {
        switch format {
        case .text: nil
        case .jsonObject, .jsonByPrompt:
            "When you call no tool, `assistant_response` must itself be a JSON object: your answer."
        case .jsonSchema(_, let schema, _):
            """
            When you call no tool, `assistant_response` must itself be a JSON object, your answer, of this JSON Schema:
            \(schema.text(sortsKeys: true))
            """
        }
    }
}

extension CompletionRequest {
    /// Whether anything of it would need a model with tools.
    var concernsTools: Bool {
        !tools.isEmpty || messages.contains { $0.role == .tool || !$0.toolCalls.isEmpty }
    }

    /// The request for a model without tools: they are described in the system prompt, and earlier calls and results stand in
    /// the messages as text.
    ///
    /// Without tools on offer only the transcript is told in words, and the reply is not asked for as JSON.
    func withToolsAsText() -> CompletionRequest {
        var request = self
        let transcript = TextTranscript(of: self)
        request.messages = transcript.messages
        request.sharedMessages = transcript.sharedMessages
        request.cache.sharedBytes = 0
        request.toolChoice = .automatic
        for name in ["tools", "tool_choice", "parallel_tool_calls"] { request.options[name] = nil }
        // Another body must not be taken for the first one again.
        request.idempotencyKey = idempotencyKey.map { "\($0)-tools-as-text" }
        guard !tools.isEmpty else { return request }
        let words = ToolInstructions.words(for: self)
        request.system = system.flatMap { $0.isEmpty ? nil : "\($0)\n\n\(words)" } ?? words
        request.tools = []
        request.responseFormat = .text
        return request
    }
}
