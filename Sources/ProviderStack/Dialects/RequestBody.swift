import OrderedCollections
public import ParleyCore

/// What the request bodies of all dialects have in common.
enum RequestBody {
    /// What is added to the system prompt of a request for ``ResponseFormat/jsonByPrompt``.
    static let jsonInstruction = "Respond with a valid JSON object."

    /// What stands before the schema of an answer in the system prompt, where it cannot be asked for otherwise.
    static let schemaInstruction = "Respond with a valid JSON object that follows this JSON Schema:"

    /// The system prompt as it is sent; nil for none.
    ///
    /// `namesJSON` is for dialects whose ``ResponseFormat/jsonObject`` wants the word in the prompt (OpenAI refuses the
    /// request without it, Ollama's models run on in white space). Only the system prompt is looked at, so that requests
    /// with the same one still begin alike.
    static func system(of request: CompletionRequest, namesJSON: Bool = false) -> String? {
        let system = request.system.flatMap { $0.isEmpty ? nil : $0 }
        switch request.responseFormat {
        case .jsonByPrompt: return joined(system, jsonInstruction)
        case .jsonObject where namesJSON && system?.lowercased().contains("json") != true:
            return joined(system, jsonInstruction)
        default: return system
        }
    }

    /// The system prompt with something more to heed.
    static func joined(_ system: String?, _ instruction: String) -> String {
        system.map { "\($0)\n\n\(instruction)" } ?? instruction
    }

    /// The text of a turn for dialects that cannot mark a tool's result as an error: such a result starts with `Error: `.
    static func text(of message: Message) -> String {
        guard message.role == .tool, message.isError, !message.content.lowercased().hasPrefix("error") else {
            return message.content
        }
        return "Error: \(message.content)"
    }

    /// One JSON object with sorted keys; the request's own options stand for members of the same name.
    static func written(_ members: [(key: String, value: JSON)], for request: CompletionRequest) -> [UInt8] {
        var members = members
        for (name, value) in request.options {
            members.removeAll { $0.key == name }
            members.append((name, value))
        }
        var writer = JSONWriter(sortsKeys: true, capacity: capacity(for: request))
        writer.raw("{")
        var isFirst = true
        for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            if !isFirst { writer.raw(",") }
            isFirst = false
            writer.write(name)
            writer.raw(":")
            writer.write(value)
        }
        writer.raw("}")
        return writer.bytes
    }

    /// Enough room that the writer seldom has to move what it wrote.
    private static func capacity(for request: CompletionRequest) -> Int {
        let text = request.messages.reduce(request.system?.utf8.count ?? 0) {
            $0 + $1.content.utf8.count + 64
        }
        return text + text / 16 + 256
    }
}

extension Message {
    /// An assistant's turn that says and asks nothing; providers refuse it.
    public var isGhost: Bool { role == .assistant && content.isEmpty && toolCalls.isEmpty }
}
