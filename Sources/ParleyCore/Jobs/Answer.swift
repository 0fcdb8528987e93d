public import OrderedCollections

/// What became of one job or question: the one shape in which parley gives an answer to the outside.
public struct Answer: Sendable, Hashable {
    public struct Problem: Sendable, Hashable {
        /// A ``Failure/Kind``'s name.
        public var kind: String
        public var message: String
        public var status: Int?

        public init(kind: String, message: String, status: Int? = nil) {
            self.kind = kind
            self.message = message
            self.status = status
        }
    }

    public var customID: String
    /// A ``JobState``'s name, or `interrupted`.
    public var state: String
    /// The answer; the part that came where it is partial.
    public var answer: String?
    /// The answer as a parsed object, where one was asked for.
    public var object: JSON?
    public var reasoning: String?
    public var toolCalls: [ToolCall]
    /// The `provider/model` that answered.
    public var model: String?
    public var finishReason: String?
    public var usage: Usage?
    /// Nil = unpriced.
    public var cost: Picodollars?
    public var error: Problem?
    public var attempts: Int
    public var session: Int64?
    /// The row's own columns.
    public var input: JSON
    /// A copy of what another, identical request was answered: ``usage`` and ``cost`` are zero, for this one was not sent.
    public var isReused: Bool

    public init(
        customID: String, state: String, answer: String? = nil, object: JSON? = nil, reasoning: String? = nil,
        toolCalls: [ToolCall] = [], model: String? = nil, finishReason: String? = nil, usage: Usage? = nil,
        cost: Picodollars? = nil, error: Problem? = nil, attempts: Int = 0, session: Int64? = nil,
        input: JSON = .object([:]), isReused: Bool = false
    ) {
        self.customID = customID
        self.state = state
        self.answer = answer
        self.object = object
        self.reasoning = reasoning
        self.toolCalls = toolCalls
        self.model = model
        self.finishReason = finishReason
        self.usage = usage
        self.cost = cost
        self.error = error
        self.attempts = attempts
        self.session = session
        self.input = input
        self.isReused = isReused
    }
}

extension Answer {
    /// The shape that `results --format jsonl` and every other JSON listing of answers has.
    ///
    /// `reused` is there only where it is true.
    public var json: JSON {
        var members: JSONObject = [
            "custom_id": .string(customID),
            "state": .string(state),
            "answer": .init(answer),
            "object": object ?? .null,
            "reasoning": .init(reasoning),
            "tool_calls": .array(toolCalls.map(\.json)),
            "model": .init(model),
            "finish_reason": .init(finishReason),
            "usage": usage?.json ?? .null,
            "cost_usd": .init(cost?.dollars),
            "error": error?.json ?? .null,
            "attempts": .int(attempts),
            "session": session.map { .int($0) } ?? .null,
            "input": input,
        ]
        if isReused { members["reused"] = true }
        return .object(members)
    }
}

extension JSON {
    /// A string, or null for nil.
    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}

extension Answer.Problem {
    var json: JSON {
        ["kind": .string(kind), "message": .string(message), "status": status.map { .int($0) } ?? .null]
    }
}

extension ToolCall {
    var json: JSON {
        [
            "id": .string(id), "name": .string(name),
            "arguments": arguments.object.map { .object($0) } ?? .string(arguments.rawText),
            "repaired": .bool(arguments.isRepaired),
        ]
    }
}

extension Usage {
    /// The buckets under the names that every JSON output uses.
    public var json: JSON {
        [
            "input": .int(inputUncached), "cache_read": .int(cacheRead), "cache_write": .int(cacheWrite),
            "output": .int(output), "reasoning": .int(reasoning),
        ]
    }
}
