/// Why an answer does not follow its JSON Schema, in words for whoever reads of it and for the model that is to do better.
public struct InvalidAnswer: Sendable, Hashable {
    public enum Flaw: Sendable, Hashable {
        /// It holds no JSON that can be read, or none that was complete when it was cut off.
        case noJSON
        /// Never empty, at most ``JSONSchema/violationsMax``.
        case violations([JSONSchema.Violation])
    }

    /// What ended the answer before its time.
    public enum Cut: Sendable, Hashable {
        /// As many tokens as the request allows.
        case length
        /// The provider's filter.
        case contentFilter

        /// Nil for an answer that ended by itself.
        public init?(_ reason: FinishReason) {
            switch reason {
            case .length: self = .length
            case .contentFilter: self = .contentFilter
            case .stop, .toolCalls, .other: return nil
            }
        }
    }

    public let flaw: Flaw
    /// Nil for an answer that ended by itself. One that was cut off would be again: asking anew does not help.
    public let cut: Cut?

    public init(_ flaw: Flaw, cut: Cut? = nil) {
        self.flaw = flaw
        self.cut = cut
    }
}

extension InvalidAnswer {
    /// More characters of the violations do not go into ``message``.
    public static let messageLengthMax = 400

    /// One line for a failure's record.
    public var message: String {
        switch (cut, flaw) {
        case (.length, _):
            "the answer was cut off at max_tokens, before its JSON was complete; raise --max-tokens"
        case (.contentFilter, _): "the provider's filter cut the answer off, before its JSON was complete"
        case (nil, .noJSON): "the answer holds no JSON that can be read"
        case (nil, .violations(let violations)): "the answer breaks its schema: " + Self.joined(violations)
        }
    }

    /// The first violations, and how many more there are.
    private static func joined(_ violations: [JSONSchema.Violation]) -> String {
        var text = ""
        for (index, violation) in violations.enumerated() {
            let sentence = violation.description
            guard index == 0 || text.count + sentence.count <= messageLengthMax else {
                return text + "; and \(violations.count - index) more"
            }
            text += (index == 0 ? "" : "; ") + sentence
        }
        return text
    }

    /// What the model is told that gave the answer: what is wrong, a line for each violation, and to answer anew.
    public var correction: String {
        switch flaw {
        case .noJSON:
            return """
                Your answer holds no JSON that can be read. Answer again, in full: with JSON that follows the schema, and \
                nothing before or after it.
                """
        case .violations(let violations):
            let lines = violations.map { "- \($0)" }.joined(separator: "\n")
            return """
                The JSON of your answer does not follow the schema:
                \(lines)
                Answer again, in full: with the corrected JSON, and nothing before or after it.
                """
        }
    }
}

extension CompletionRequest {
    /// Goes on with an answer that was no good: the answer as the assistant's turn, then what is wrong with it.
    ///
    /// An answer without a visible character is left out, because providers refuse such a turn.
    public mutating func correct(_ answer: String, _ flaw: InvalidAnswer) {
        if !answer.isBlank { messages.append(.assistant(answer)) }
        messages.append(.user(flaw.correction))
    }
}
