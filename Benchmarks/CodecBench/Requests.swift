import OrderedCollections
import ParleyCore

/// What is asked in the benchmark: a short question, and a long conversation with tools.
enum Requests {
    static func short(_ model: ModelName) -> CompletionRequest {
        CompletionRequest(
            model: model, system: "Answer with the number only.", messages: [.user("What is 17 + 25?")],
            maxTokens: 64, temperature: 0)
    }

    /// Twenty rounds of question, call, result and answer; eight tools.
    static func long(_ model: ModelName) -> CompletionRequest {
        var messages: [Message] = []
        for round in 0..<20 {
            messages.append(.user(Prose.text(80)))
            let call = ToolCall(
                id: "call_\(round)", name: "tool_\(round % 8)",
                arguments: .parsed(["query": .string(Prose.text(8)), "limit": 10, "exact": true]))
            messages.append(Message(role: .assistant, content: "", toolCalls: [call]))
            messages.append(
                Message(role: .tool, content: Prose.text(120), toolCallID: "call_\(round)"))
            messages.append(.assistant(Prose.text(100)))
        }
        messages.append(.user(Prose.text(40)))
        return CompletionRequest(
            model: model, system: Prose.text(400), messages: messages, tools: (0..<8).map(tool),
            maxTokens: 1024, temperature: 0.5, sharedMessages: 80)
    }

    private static func tool(_ number: Int) -> ToolDefinition {
        ToolDefinition(
            name: "tool_\(number)", summary: Prose.text(20),
            parameters: [
                "type": "object",
                "properties": [
                    "query": ["type": "string", "description": .string(Prose.text(10))],
                    "limit": ["type": "integer", "minimum": 1, "maximum": 100],
                    "exact": ["type": "boolean"],
                ],
                "required": ["query"],
            ])
    }
}
