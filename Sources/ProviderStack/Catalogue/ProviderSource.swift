public import OrderedCollections
public import ParleyCore

/// Where the runner gets its providers from: the catalogue and the environment in the program, fakes in tests.
public protocol ProviderSource: Sendable {
    /// The names that can stand before a model's; a row's own `model` is read by them, as it was when it was enqueued.
    var names: Set<ProviderName> { get }

    /// The provider that speaks for the model, ready to be asked. Throws a sentence about what is missing: a key,
    /// an entry in the catalogue, a dialect.
    func provider(for model: ModelName) throws -> any Provider

    /// Whose limits a request to that provider counts against; without it, all keys of a provider count as one.
    func account(of provider: ProviderName) -> AccountName

    /// Whether the provider runs on one's own machine and bills nobody: a budget needs no price for it.
    func billsNobody(_ provider: ProviderName) -> Bool

    /// Where the workers run, in turn; empty for the pool that Swift's tasks have by default.
    var executors: [any TaskExecutor] { get }

    /// Whether the provider is told how long an answer may be; without that, only the model's own limit holds.
    func limitsAnswers(of provider: ProviderName) -> Bool

    /// How the model goes on with an answer of its own that broke off.
    func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation

    /// What the cache of the model's provider keeps.
    func promptCacheRules(for model: ModelName) -> PromptCacheRules

    /// Looks whether anybody listens where the models are served; gives the failures of those where nobody does.
    func unreachable(among models: [ModelName]) async -> [Failure]

    /// Tells what the headers of answers say of the limits, from now on.
    func listen(_ listener: @escaping @Sendable (ModelName, RateLimitReading) -> Void)
}

extension ProviderSource {
    public var names: Set<ProviderName> { KnownProviders.builtIn }

    public func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation {
        .of(model, entry: Catalogue.builtIn.provider(model.provider), options: options)
    }

    public var executors: [any TaskExecutor] { [] }

    public func billsNobody(_ provider: ProviderName) -> Bool { false }

    public func listen(_ listener: @escaping @Sendable (ModelName, RateLimitReading) -> Void) {}

    public func promptCacheRules(for model: ModelName) -> PromptCacheRules { .rules(for: model) }

    public func limitsAnswers(of provider: ProviderName) -> Bool { true }

    public func account(of provider: ProviderName) -> AccountName { AccountName(provider: provider) }
}
