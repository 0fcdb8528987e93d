import ParleyCore

/// When a provider's cache keeps the beginning of a prompt, for how long, and who pays.
///
/// One rule holds for all: an entry can be read only after the first token of the answer that wrote it. The figures are
/// those of the providers' documentation in November 2026:
///
/// | flavour | source | rule |
/// |---|---|---|
/// | `openAI` | developers.openai.com/api/docs/guides/prompt-caching | from 1,024 tokens in steps of 128; gone after 5 to 10 idle minutes and after an hour in any case, or after 24 hours where that is asked for; more than about 15 requests a minute with one beginning and one `prompt_cache_key` go to further machines |
/// | `openAIBreakpoints` | the same | from 1,024 tokens at breakpoints only: the newest message, unless that is refused, and up to three marked ones; 80 are looked at; kept 30 minutes; writing costs |
/// | `anthropic` | platform.claude.com/docs/en/build-with-claude/prompt-caching | at up to 4 marks, each read back over 20 blocks; 5 minutes from the last use, or an hour where that is asked for; writing costs |
/// | `deepSeek` | api-docs.deepseek.com/guides/kv_cache | in units of 64 tokens: the whole input of a request, matched to its end, and what two requests have shared; kept for hours |
/// | `ollama` | llama.cpp's server: one slot keeps the prompt that it read last | until the model is unloaded, 5 minutes after its last use |
/// | `plain` | none | 1,024 tokens, steps of 128, 10 idle minutes |
///
/// What the documentation leaves open is decided so: DeepSeek's hours are four, its fixed intervals within long inputs and
/// the ends of its outputs are not played, and the local cache is looked at in steps of 16 tokens.
public struct CacheRules: Sendable, Hashable {
    /// Where entries stand.
    enum Places: Sendable, Hashable {
        /// After every so many tokens.
        case steps(Int)
        /// In units of so many tokens, where two requests part and where inputs end.
        case units(Int)
        /// At marks; each is read back over so many blocks. `hasNewest`: the newest message counts as marked.
        case marks(lookback: Int, hasNewest: Bool)
    }

    let places: Places
    /// A shorter beginning is never kept.
    let tokensMin: Int
    let lifetime: CacheLifetime
    /// Where the longer retention is asked for.
    let lifetimeLong: CacheLifetime
    var billsWrites = false
    /// With one beginning and one key; more go to another machine, whose cache is another.
    var requestsPerMinuteMax: Int?
    /// A new prompt takes the place of the one before it.
    var keepsLastPromptOnly = false

    static func rules(for flavour: CacheFlavour, model: String) -> CacheRules {
        switch flavour {
        case .plain:
            CacheRules(places: .steps(128), tokensMin: 1024, lifetime: .idle(.seconds(600)))
        case .openAI:
            CacheRules(
                places: .steps(128), tokensMin: 1024, lifetime: .openAI, lifetimeLong: .day,
                requestsPerMinuteMax: 15)
        case .openAIBreakpoints:
            CacheRules(
                places: .marks(lookback: 80, hasNewest: true), tokensMin: 1024,
                lifetime: .idle(.seconds(1800)), billsWrites: true)
        case .anthropic:
            CacheRules(
                places: .marks(lookback: 20, hasNewest: false), tokensMin: tokensMin(ofClaude: model),
                lifetime: .idle(.seconds(300)), lifetimeLong: .idle(.seconds(3600)), billsWrites: true)
        case .deepSeek:
            CacheRules(places: .units(64), tokensMin: 64, lifetime: .idle(.seconds(4 * 3600)))
        case .ollama:
            CacheRules(
                places: .steps(16), tokensMin: 16, lifetime: .idle(.seconds(300)), keepsLastPromptOnly: true)
        }
    }

    init(
        places: Places, tokensMin: Int, lifetime: CacheLifetime, lifetimeLong: CacheLifetime? = nil,
        billsWrites: Bool = false, requestsPerMinuteMax: Int? = nil, keepsLastPromptOnly: Bool = false
    ) {
        self.places = places
        self.tokensMin = tokensMin
        self.lifetime = lifetime
        self.lifetimeLong = lifetimeLong ?? lifetime
        self.billsWrites = billsWrites
        self.requestsPerMinuteMax = requestsPerMinuteMax
        self.keepsLastPromptOnly = keepsLastPromptOnly
    }

    /// The least that Anthropic caches, by model; 1,024 tokens for a name that is not in the table.
    static func tokensMin(ofClaude model: String) -> Int {
        let name = model.lowercased().replacing(".", with: "-")
        func isAny(of parts: [String]) -> Bool { parts.contains { name.contains($0) } }
        if isAny(of: ["opus-4-5", "opus-4-6", "haiku-4-5"]) { return 4096 }
        if isAny(of: ["opus-4-7", "3-5-haiku", "haiku-3", "3-haiku"]) { return 2048 }
        if isAny(of: ["opus-5", "fable-5", "mythos-5"]) { return 512 }
        return 1024
    }
}

/// How long an entry lives.
struct CacheLifetime: Sendable, Hashable {
    /// From its last use; each entry draws its own between the two.
    let idleMin: Duration
    let idleMax: Duration
    /// From when it was written, however often it is used; nil = for ever.
    let ageMax: Duration?

    static func idle(_ duration: Duration) -> CacheLifetime {
        CacheLifetime(idleMin: duration, idleMax: duration, ageMax: nil)
    }

    static let openAI = CacheLifetime(
        idleMin: .seconds(300), idleMax: .seconds(600), ageMax: .seconds(3600))
    static let day = CacheLifetime(
        idleMin: .seconds(86_400), idleMax: .seconds(86_400), ageMax: .seconds(86_400))

    /// The same for the same entry.
    func idle(of entry: UInt64) -> Duration {
        let span = UInt64((idleMax - idleMin).seconds)
        return idleMin + .seconds(Int64(span == 0 ? 0 : entry % (span + 1)))
    }
}
