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
    public var quirks: Quirks

    /// Where a provider departs from its dialect.
    public struct Quirks: Sendable, Hashable {
        /// What the provider says that an exchange cost is what it bills (OpenRouter).
        public var trustsReportedCost = false
        /// A stream's chunks cannot be read, so a stream is made of the whole answer (MiniMax's lack ids).
        public var streamsWholeAnswers = false
        /// The reasoning is counted in `total_tokens` only (Gemini's OpenAI endpoint).
        public var countsReasoningInTotalOnly = false

        public init() {}
    }

    /// The variable for the base URL is `<NAME>_BASE_URL` unless another is given.
    public init(
        name: ProviderName, dialect: Dialect = .openAIChat, baseURL: String, keyVariable: String? = nil,
        needsKey: Bool? = nil, baseURLVariable: String? = nil, isLocal: Bool = false,
        quirks: Quirks = Quirks()
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL
        self.keyVariable = keyVariable
        self.needsKey = needsKey ?? (keyVariable != nil)
        self.baseURLVariable = baseURLVariable ?? Self.variable(for: name, ending: "BASE_URL")
        self.isLocal = isLocal
        self.quirks = quirks
    }

    /// `llama.cpp` and `BASE_URL` make `LLAMA_CPP_BASE_URL`.
    public static func variable(for name: ProviderName, ending: String) -> String {
        let letters = name.text.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return String(letters) + "_" + ending
    }
}
