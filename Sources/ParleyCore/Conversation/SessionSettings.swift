public import OrderedCollections

/// How a conversation by hand is asked on, beside its model, role and system prompt: what was said once holds until it is
/// said otherwise.
public struct SessionSettings: Sendable, Hashable {
    /// Asked in this order when the model will not do.
    public var fallbacks: [ModelName]
    /// The most tokens of one answer; nil leaves it to the provider.
    public var maxTokens: Int?
    public var temperature: Double?
    /// Added to each request as they are.
    public var options: JSONObject
    /// A JSON Schema that each answer is to follow.
    public var schema: JSON?
    /// The names of the tools that are offered; nil = all that there are.
    public var tools: [String]?

    public init(
        fallbacks: [ModelName] = [], maxTokens: Int? = nil, temperature: Double? = nil,
        options: JSONObject = [:], schema: JSON? = nil, tools: [String]? = nil
    ) {
        self.fallbacks = fallbacks
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.options = options
        self.schema = schema
        self.tools = tools
    }
}

extension SessionSettings {
    /// As stored; what is not said is left out.
    public var json: JSON {
        var members: JSONObject = [:]
        if !fallbacks.isEmpty { members["fallbacks"] = .array(fallbacks.map { .string($0.description) }) }
        if let maxTokens { members["max_tokens"] = .int(maxTokens) }
        if let temperature { members["temperature"] = .double(temperature) }
        if !options.isEmpty { members["options"] = .object(options) }
        if let schema { members["schema"] = schema }
        if let tools { members["tools"] = .array(tools.map { .string($0) }) }
        return .object(members)
    }

    /// Reads what ``json`` wrote; members that are missing take their defaults.
    public init(json: JSON) {
        self.init(
            fallbacks: (json["fallbacks"]?.arrayValue ?? []).compactMap {
                $0.stringValue.flatMap { ModelName($0) }
            },
            maxTokens: json["max_tokens"]?.intValue, temperature: json["temperature"]?.doubleValue,
            options: json["options"]?.objectValue ?? [:], schema: json["schema"],
            tools: json["tools"]?.arrayValue?.compactMap(\.stringValue))
    }
}
