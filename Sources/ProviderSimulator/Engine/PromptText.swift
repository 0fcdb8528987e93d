import ParleyCore

/// A request's prompt as the one text that tokens are counted in and prefixes are remembered of.
struct PromptText: Sendable {
    static let bytesPerToken = 4

    let bytes: [UInt8]
    let tokens: Int

    init(of request: CompletionRequest) {
        var bytes: [UInt8] = []
        func add(_ role: String, _ text: String) {
            bytes.append(contentsOf: role.utf8)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(contentsOf: text.utf8)
            bytes.append(UInt8(ascii: "\n"))
        }
        for tool in request.tools {
            add("tool", "\(tool.name) \(tool.summary) \(tool.parameters.text(sortsKeys: true))")
        }
        if case .jsonSchema(let name, let schema, _) = request.responseFormat {
            add("schema", "\(name) \(schema.text(sortsKeys: true))")
        }
        if let system = request.system { add("system", system) }
        for message in request.messages {
            add(message.role.rawValue, message.content)
            for call in message.toolCalls { add(call.name, call.arguments.rawText) }
        }
        self.bytes = bytes
        tokens = Self.tokens(in: bytes.count)
    }

    static func tokens(in bytes: Int) -> Int { (bytes + bytesPerToken - 1) / bytesPerToken }
}
