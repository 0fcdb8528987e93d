/// What a provider's prompt cache keeps, for how long, and when it pays: what the order of a batch goes by.
///
/// The rules that parley knows are ``rules(for:entry:)``'s, with where they are said and when that was looked up; a user's own
/// word (``PromptCacheOverride``) wins. What a provider does not say is marked as assumed in ``source``.
public struct PromptCacheRules: Sendable, Hashable {
    /// A shorter beginning is never kept, in tokens.
    public var tokensMin: Int
    /// From the last use of an entry.
    public var lifetime: Duration
    /// The same where the longer retention is asked for; nil = there is none.
    public var lifetimeLong: Duration?
    /// So many requests, one after the other, are needed before the next one finds the beginning.
    public var leaders = 1
    /// More requests a minute with one beginning and one `prompt_cache_key` go to another machine, which knows nothing yet;
    /// nil = no such limit, or no way to tell the machines apart.
    public var requestsPerMinute: Int?
    /// How many beginnings are kept at once; nil = as many as come.
    public var beginningsMax: Int?
    /// Costs of writing and of reading a token, as shares of what an uncached one costs. Prices differ by model; these decide
    /// whether an entry is worth having, never what is charged.
    public var shares = Shares()
    /// Where the rules are said, or that they are assumed.
    public var source: String
    /// When that was looked up, as year and month; nil for what the user says.
    public var asOf: String? = "2026-11"

    public struct Shares: Sendable, Hashable {
        public var write = 1.0
        public var writeLong = 1.0
        public var read = 0.1

        public init(write: Double = 1, writeLong: Double = 1, read: Double = 0.1) {
            self.write = write
            self.writeLong = writeLong
            self.read = read
        }
    }

    public init(
        tokensMin: Int, lifetime: Duration, lifetimeLong: Duration? = nil, leaders: Int = 1,
        requestsPerMinute: Int? = nil, beginningsMax: Int? = nil, shares: Shares = Shares(), source: String
    ) {
        self.tokensMin = tokensMin
        self.lifetime = lifetime
        self.lifetimeLong = lifetimeLong
        self.leaders = leaders
        self.requestsPerMinute = requestsPerMinute
        self.beginningsMax = beginningsMax
        self.shares = shares
        self.source = source
    }
}

/// What a user says of a provider's cache against ``PromptCacheRules``; nil = as they are.
public struct PromptCacheOverride: Sendable, Hashable {
    public var tokensMin: Int?
    public var lifetime: Duration?
    public var leaders: Int?
    /// 0 = no limit.
    public var requestsPerMinute: Int?
    /// 0 = no limit.
    public var beginningsMax: Int?
    /// What is said of single models, by the name after the provider's; it wins over what is said of all.
    public var models: [String: PromptCacheOverride]

    public init(
        tokensMin: Int? = nil, lifetime: Duration? = nil, leaders: Int? = nil, requestsPerMinute: Int? = nil,
        beginningsMax: Int? = nil, models: [String: PromptCacheOverride] = [:]
    ) {
        self.tokensMin = tokensMin
        self.lifetime = lifetime
        self.leaders = leaders
        self.requestsPerMinute = requestsPerMinute
        self.beginningsMax = beginningsMax
        self.models = models
    }
}

extension PromptCacheRules {
    /// These with the user's word over them: first what is said of all of the provider's models, then of this one.
    public func overridden(by word: PromptCacheOverride?, for model: String) -> PromptCacheRules {
        overridden(by: word).overridden(by: word?.models[model])
    }

    private func overridden(by word: PromptCacheOverride?) -> PromptCacheRules {
        guard let word else { return self }
        var rules = self
        rules.tokensMin = word.tokensMin ?? tokensMin
        rules.lifetime = word.lifetime ?? lifetime
        rules.leaders = max(1, word.leaders ?? leaders)
        if let limit = word.requestsPerMinute { rules.requestsPerMinute = limit > 0 ? limit : nil }
        if let limit = word.beginningsMax { rules.beginningsMax = limit > 0 ? limit : nil }
        if rules != self {
            rules.source = Self.sourceOfUser
            rules.asOf = nil
        }
        return rules
    }

    /// The ``source`` of rules that the user has changed.
    public static let sourceOfUser = "the settings file"
}
