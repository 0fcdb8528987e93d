public import OrderedCollections

/// What a model is asked: a conversation and how to answer it.
public struct CompletionRequest: Sendable, Hashable {
    public var model: ModelName
    /// The system prompt, apart from the messages.
    public var system: String?
    public var messages: [Message]
    public var tools: [ToolDefinition]
    public var toolChoice: ToolChoice
    /// The most tokens that the answer may have; nil leaves it to the provider.
    public var maxTokens: Int?
    public var temperature: Double?
    public var stop: [String]
    public var responseFormat: ResponseFormat
    /// Overrides how often the retry policy tries again; nil leaves it to the policy.
    public var retriesMax: Int?
    /// Members that are added to the provider's request as they are; they win over the fields above.
    public var options: JSONObject
    /// How many of the leading messages other requests begin with as well: what a provider's cache is told to keep
    /// beside the tools and the system prompt, which always count as shared.
    public var sharedMessages: Int
    /// Sends requests with the same beginning to the same cache; nil derives it from the tools, the system prompt and the
    /// shared messages, where the provider takes one.
    public var cacheKey: String?
    /// How the provider's prompt cache is used.
    public var cache: PromptCacheWish
    /// The same for all tries of one request, so that a provider that knows the header answers only once.
    public var idempotencyKey: String?

    public init(
        model: ModelName, system: String? = nil, messages: [Message], tools: [ToolDefinition] = [],
        toolChoice: ToolChoice = .automatic, maxTokens: Int? = nil, temperature: Double? = nil,
        stop: [String] = [], responseFormat: ResponseFormat = .text, retriesMax: Int? = nil,
        options: JSONObject = [:], sharedMessages: Int = 0, cacheKey: String? = nil,
        cache: PromptCacheWish = PromptCacheWish(), idempotencyKey: String? = nil
    ) {
        self.model = model
        self.system = system
        self.messages = messages
        self.tools = tools
        self.toolChoice = toolChoice
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.stop = stop
        self.responseFormat = responseFormat
        self.retriesMax = retriesMax
        self.options = options
        self.sharedMessages = sharedMessages
        self.cacheKey = cacheKey
        self.cache = cache
        self.idempotencyKey = idempotencyKey
    }
}

/// The form in which the answer is wanted.
public enum ResponseFormat: Sendable, Hashable {
    case text
    /// Any JSON object, by the provider's own means.
    case jsonObject
    /// A JSON object that the schema describes, by the provider's own means.
    case jsonSchema(name: String, schema: JSON, strict: Bool)
    /// Any JSON object, asked for in the system prompt: for models without native support.
    case jsonByPrompt
}
