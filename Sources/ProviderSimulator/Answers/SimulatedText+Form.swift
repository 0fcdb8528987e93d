import OrderedCollections
import ParleyCore

extension SimulatedText {
    /// What is said instead of JSON.
    static let formlessAnswer = "I would rather say it in words."

    /// Breaks the form that was asked for, as a model does that does not heed it: a required member is missing, or there is no
    /// JSON at all. An answer in no form stays as it is.
    mutating func breakForm(of request: CompletionRequest) {
        guard toolCalls.isEmpty else { return }
        let schema = SchemaInWords.wanted(by: request)
        guard schema != nil || request.responseFormat != .text else { return }
        if case .object(var members)? = try? JSON(parsing: text), members.count > 1,
            let required = schema?["required"]?.arrayValue?.last?.stringValue
        {
            members[required] = nil
            text = JSON.object(members).text()
        } else {
            text = Self.formlessAnswer
        }
    }
}

extension SimulatedAuthor {
    /// The answer as JSON, in whichever way that was asked for; nil for an answer in words.
    static func json(for request: CompletionRequest, random: inout SeededRandom) -> JSON? {
        let schema = SchemaInWords.wanted(by: request)
        guard schema != nil || request.responseFormat != .text else { return nil }
        var known: String?
        // Whoever asks for a better form has asked the question some turns before.
        for message in request.messages.reversed() where message.role == .user && known == nil {
            known = SimulatedKnowledge.answer(to: message.content)
        }
        guard let schema else { return ["answer": .string(known ?? Prose.sentence(random: &random))] }
        var filler = SchemaFiller(root: schema, known: known)
        return filler.value(random: &random)
    }
}

/// The schema that a request wants its answer to follow, wherever it stands.
enum SchemaInWords {
    /// What stands before a schema in the system prompt, for a provider that cannot be given one otherwise. It takes up one line.
    static let mark = "JSON Schema:\n"

    static func wanted(by request: CompletionRequest) -> JSON? {
        if case .jsonSchema(_, let schema, _) = request.responseFormat { return schema }
        if let system = request.system, let schema = find(in: system) { return schema }
        for message in request.messages where message.role == .system {
            if let schema = find(in: message.content) { return schema }
        }
        return nil
    }

    private static func find(in text: String) -> JSON? {
        var text = text
        return text.withUTF8 { bytes in
            let mark = Array(mark.utf8)
            var start = 0
            while let first = bytes[start...].firstIndex(of: mark[0]) {
                start = first + 1
                guard bytes[first...].starts(with: mark) else { continue }
                let line = bytes[(first + mark.count)...].prefix { $0 != UInt8(ascii: "\n") }
                if let schema = try? JSON(parsing: UnsafeBufferPointer(rebasing: line)),
                    schema.objectValue != nil
                {
                    return schema
                }
            }
            return nil
        }
    }
}
