import ParleyCore

/// A request's prompt as the one text that tokens are counted in and prefixes are remembered of.
struct PromptText: Sendable {
    static let bytesPerToken = 4

    private(set) var bytes: [UInt8] = []
    /// Where each block ends: a tool, the schema, the system prompt, a message.
    private(set) var ends: [Int] = []
    /// Of each tool, the system prompt and each message: the range of its text.
    private var tools: [Range<Int>] = []
    private var system: Range<Int>?
    private var messages: [Range<Int>] = []

    var tokens: Int { Self.tokens(in: bytes.count) }

    init(of request: CompletionRequest) {
        for tool in request.tools {
            tools.append(
                add("tool", "\(tool.name) \(tool.summary) \(tool.parameters.text(sortsKeys: true))"))
        }
        if case .jsonSchema(let name, let schema, _) = request.responseFormat {
            _ = add("schema", "\(name) \(schema.text(sortsKeys: true))")
        }
        if let text = request.system { system = add("system", text) }
        for message in request.messages {
            let range = add(message.role.rawValue, message.content)
            for call in message.toolCalls { _ = add(call.name, call.arguments.rawText) }
            messages.append(range.lowerBound..<(message.toolCalls.isEmpty ? range.upperBound : bytes.count))
        }
    }

    private mutating func add(_ role: String, _ text: String) -> Range<Int> {
        bytes.append(contentsOf: role.utf8)
        bytes.append(UInt8(ascii: ":"))
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
        ends.append(bytes.count)
        return start..<bytes.count
    }

    /// The byte before which a mark stands; nil where there is no such place.
    func position(of mark: CacheMark) -> Int? {
        let range: Range<Int>? =
            switch mark.place {
            case .tool(let index): tools.indices.contains(index) ? tools[index] : nil
            case .system: system
            case .message(let index): messages.indices.contains(index) ? messages[index] : nil
            }
        guard let range else { return nil }
        guard let length = mark.bytes, length < range.count - 1 else { return range.upperBound }
        return range.lowerBound + max(0, length)
    }

    static func tokens(in bytes: Int) -> Int { (bytes + bytesPerToken - 1) / bytesPerToken }
}
