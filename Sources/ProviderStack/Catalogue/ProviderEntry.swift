public import OrderedCollections
public import ParleyCore

/// What the catalogue knows of one provider.
public struct ProviderEntry: Sendable, Hashable {
    public var name: ProviderName
    public var dialect: Dialect
    /// As written; an account holds it normalised.
    public var baseURL: String
    /// The environment variable with the key; nil for a provider that takes none.
    public var keyVariable: String?
    /// Whether the provider cannot be asked without a key.
    public var needsKey: Bool
    /// The environment variable that overrides ``baseURL``.
    public var baseURLVariable: String
    /// Runs on one's own machine: it costs nothing and works offline.
    public var isLocal: Bool
    /// Sent with every request beside the dialect's own; never a key.
    public var headers: [String: String]
    public var quirks: Quirks
    /// What the user says of its prompt cache.
    public var promptCache: PromptCacheOverride?

    /// Where a provider departs from its dialect.
    public struct Quirks: Sendable, Hashable {
        /// What the provider says that an exchange cost is what it bills (OpenRouter).
        public var trustsReportedCost = false
        /// A stream's chunks cannot be read, so a stream is made of the whole answer (MiniMax's lack ids).
        public var streamsWholeAnswers = false
        /// The reasoning is counted in `total_tokens` only (Gemini's OpenAI endpoint).
        public var countsReasoningInTotalOnly = false
        /// Every answer must be asked for as a stream (Codex).
        public var onlyStreams = false
        /// System instructions that stand in where a request has none, because the provider insists on some (Codex).
        public var instructionsDefault: String?
        /// Refuses a limit on the answer's length and the options of streams (Codex).
        public var refusesLimits = false
        /// The base path that understands `strict` schemas and tools (DeepSeek's `/beta`).
        public var strictPath: String?
        /// The header that sends the requests of one conversation to the same machine, and so to its cache (xAI).
        public var stickyHeader: String?
        /// How the shared beginning of a prompt is told to the provider's cache.
        public var cacheHint = CacheHint.none
        /// It holds for models with names of OpenAI's only.
        var cacheHintNeedsOwnModel = false
        /// The forms of JSON that an answer can be asked for.
        public var answerForms = AnswerForms.all
        /// Sends the figures with every stream and refuses to be asked for them (Mistral).
        public var refusesStreamOptions = false
        /// Wants the reasoning of earlier turns back where tools are in use (DeepSeek refuses the request without, Z.ai's
        /// models lose the thread; Mistral refuses it with).
        public var wantsReasoningBack = false
        /// What every request carries unless its own options say otherwise (MiniMax's `reasoning_split`).
        public var extraMembers: JSONObject = [:]
        /// Which models are asked for tool calls in words instead of by the dialect's own means.
        public var toolEmulation = ToolEmulation.never

        public init() {}

        /// How the shared beginning of a prompt for that model is told to the cache.
        func cacheHint(for model: String) -> CacheHint {
            guard cacheHintNeedsOwnModel else { return cacheHint }
            return switch ModelFamily(model: model) {
            case .gpt, .openAIReasoning: cacheHint
            case .claude, .deepSeek, .gemini, .other: .none
            }
        }
    }

    /// How the shared beginning of a prompt is told to a provider's cache.
    public enum CacheHint: String, Sendable, Hashable, CaseIterable {
        case none
        /// `cache_control: {"type": "ephemeral"}` at the ends of the stable parts (Anthropic; MiniMax and Z.ai pass it on).
        case marks
        /// A stable `prompt_cache_key` for each shared beginning (OpenAI).
        case key
    }

    /// The forms of JSON that a provider can be asked for. What is missing is made of the other, or asked for in the prompt.
    public enum AnswerForms: String, Sendable, Hashable, CaseIterable {
        case all
        /// Only `json_object`: a schema goes into the system prompt (DeepSeek, Z.ai).
        case objectsOnly = "objects-only"
        /// Only `json_schema`: any object is asked for by the schema of one (LM Studio).
        case schemasOnly = "schemas-only"
        /// Neither: both are asked for in the system prompt.
        case none
    }

    /// When tools are described in the prompt and calls are read from the text.
    public enum ToolEmulation: String, Sendable, Hashable, CaseIterable {
        case never
        /// Once the provider has answered that no endpoint of the model supports tools (OpenRouter).
        case onRefusal = "on-refusal"
        /// The models have no tools of their own.
        case always
    }

    /// The variable for the base URL is `<NAME>_BASE_URL` unless another is given.
    public init(
        name: ProviderName, dialect: Dialect = .openAIChat, baseURL: String, keyVariable: String? = nil,
        needsKey: Bool? = nil, baseURLVariable: String? = nil, isLocal: Bool = false,
        headers: [String: String] = [:], quirks: Quirks = Quirks()
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL
        self.keyVariable = keyVariable
        self.needsKey = needsKey ?? (keyVariable != nil)
        self.baseURLVariable = baseURLVariable ?? Self.variable(for: name, ending: "BASE_URL")
        self.isLocal = isLocal
        self.headers = headers
        self.quirks = quirks
    }

    /// `llama.cpp` and `BASE_URL` make `LLAMA_CPP_BASE_URL`.
    public static func variable(for name: ProviderName, ending: String) -> String {
        let letters = name.text.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return String(letters) + "_" + ending
    }
}
