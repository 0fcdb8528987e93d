import ParleyCore

extension PreparedRow {
    /// Which beginnings the row may share with others; with their key if that is asked for.
    func outline(makingKey makesKey: Bool = false) -> PromptOutline {
        var builder = OutlineBuilder()
        addHead(to: &builder)
        if let columnStarts, let message = request.messages.first, request.messages.count == 1 {
            Self.addTemplate(message.content, columnStarts, to: &builder)
        } else {
            for (index, message) in request.messages.enumerated() {
                let text = Self.text(of: message)
                if index < request.messages.count - 1 {
                    builder.addOwn(text, at: index, 0)
                } else {
                    builder.addLast(text, at: index, 0)
                }
            }
        }
        return builder.outline(makingKey: makesKey)
    }

    private func addHead(to builder: inout OutlineBuilder) {
        let head = Self.head(tools: request.tools, format: request.responseFormat)
        let system = request.system ?? ""
        if hasOwnSystem {
            let own = head.isEmpty ? system : head + system
            if !own.isEmpty { builder.addOwn(own[...], at: 0, 0) }
        } else {
            builder.addCommon(head)
            builder.addCommon(system)
        }
    }

    /// What a provider reads before the system prompt.
    static func head(tools: [ToolDefinition], format: ResponseFormat) -> String {
        var head = ""
        for tool in tools {
            head += "\(tool.name) \(tool.summary) \(tool.parameters.text(sortsKeys: true))\n"
        }
        if case .jsonSchema(let name, let schema, _) = format {
            head += "\(name) \(schema.text(sortsKeys: true))\n"
        }
        return head
    }

    /// What stands between two columns belongs to the one before it.
    private static func addTemplate(_ text: String, _ starts: [Int], to builder: inout OutlineBuilder) {
        let bytes = text.utf8
        func index(_ offset: Int) -> String.Index { bytes.index(text.startIndex, offsetBy: offset) }
        guard let first = starts.first else { return builder.addCommon(text) }
        builder.addCommon(text[..<index(first)])
        for (number, start) in starts.enumerated() {
            if number + 1 < starts.count {
                builder.addOwn(text[index(start)..<index(starts[number + 1])], at: 0, start)
            } else {
                builder.addLast(text[index(start)...], at: 0, start)
            }
        }
    }

    /// All that a turn says, in one text: calls count as well.
    private static func text(of message: Message) -> Substring {
        guard !message.toolCalls.isEmpty else { return message.content[...] }
        return message.toolCalls.reduce(message.content) { $0 + $1.name + $1.arguments.rawText }[...]
    }
}
