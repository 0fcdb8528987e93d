public import OrderedCollections
public import ParleyCore

/// How a provider is asked to go on with an answer that broke off.
public enum AnswerContinuation: Sendable, Hashable {
    /// The conversation ends with the assistant's turn as far as it came, and the answer goes on from there. The options are
    /// sent along.
    case prefill(options: JSONObject)
    /// The part stands as the assistant's turn, and the user asks for the rest: ``requestText``. Any model takes it.
    case request

    /// What the user is made to say. It is not stored.
    public static let requestText = """
        Your last answer broke off. Go on exactly where it stopped: write only what comes next, and repeat nothing of it.
        """

    /// The last Claude that takes a beginning of its answer: 4.5. From 4.6 on they refuse it with status 400 (Anthropic's
    /// "What's new in Claude 4.6", February 2026).
    private static let claudeWithPrefillMax = (major: 4, minor: 5)

    /// By the provider and the model.
    ///
    /// Ollama, llama.cpp and vLLM complete a last turn of the assistant by their chat templates; vLLM must be told not to begin a
    /// new one. A model that thinks first (`thinking`) takes none, nor does anybody whose habits are not known here.
    public static func of(
        _ model: ModelName, entry: ProviderEntry?, options: JSONObject = [:]
    ) -> AnswerContinuation {
        guard options["thinking"] == nil, options["reasoning"] == nil else { return .request }
        switch model.provider {
        case .simulator, "ollama", "llama.cpp": return .prefill(options: [:])
        case "vllm":
            return .prefill(options: ["add_generation_prompt": false, "continue_final_message": true])
        default:
            guard entry?.dialect == .anthropic || model.provider == "openrouter",
                ModelFamily(model: model.model) == .claude, takesPrefill(claude: model.model)
            else { return .request }
            return .prefill(options: [:])
        }
    }

    /// By the version in its name, such as `claude-sonnet-4-5-20250929` or `claude-3-5-haiku`; a name without one is a new model's.
    private static func takesPrefill(claude name: String) -> Bool {
        let numbers = name.split { !$0.isNumber }.prefix { $0.count <= 2 }.compactMap { Int($0) }
        guard let major = numbers.first else { return false }
        return (major, numbers.dropFirst().first ?? 0) <= claudeWithPrefillMax
    }
}

extension AnswerContinuation {
    /// What of a part the rest is appended to. As the assistant's turn it goes without trailing blanks: providers refuse them, and the
    /// answer brings them again. Who is asked in words sees the blanks, and begins with the next word.
    public func beginning(_ part: String) -> String {
        switch self {
        case .prefill: part.trimmedAtEnd
        case .request: part
        }
    }
}

extension CompletionRequest {
    /// Asks for the rest of an answer of which the last message, an assistant's, is the beginning; see
    /// ``AnswerContinuation/beginning(_:)``.
    public mutating func goOn(by continuation: AnswerContinuation) {
        guard let last = messages.indices.last, messages[last].role == .assistant else { return }
        messages[last].reasoning = nil
        messages[last].continuation = nil
        messages[last].content = continuation.beginning(messages[last].content)
        switch continuation {
        case .prefill(let options):
            self.options.merge(options) { own, _ in own }
        case .request: messages.append(.user(AnswerContinuation.requestText))
        }
    }
}

extension String {
    /// Without blanks and line breaks at its end.
    public var trimmedAtEnd: String {
        var rest = self[...]
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
