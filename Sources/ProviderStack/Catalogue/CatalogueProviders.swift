public import Foundation
public import OrderedCollections
public import ParleyCore
import Synchronization

/// The providers of a catalogue, each made when it is first asked for.
///
/// Keys and addresses come from the environment that is given: `OPENAI_API_KEY`, `OLLAMA_HOST` and their like, under the names
/// that the entries have. What is missing is thrown as a ``ConfigurationError`` when its model is asked for, not before. All of
/// them share one ``HTTPTransport``, so whoever makes this must call ``close()``; ``with(_:environment:own:connectionsMax:_:)`` does
/// so by itself.
public final class CatalogueProviders: ProviderSource {
    /// Makes a provider that is not spoken to by HTTP. Called at most once, when it is first asked for.
    public typealias Making = @Sendable () throws -> any Provider

    public let catalogue: Catalogue
    private let environment: [String: String]
    private let own: [ProviderName: Making]
    private let transport: HTTPTransport
    private let made = Mutex<[ProviderName: any Provider]>([:])
    private let listener = Mutex<(@Sendable (ModelName, RateLimitReading) -> Void)?>(nil)

    /// - Parameters:
    ///   - own: providers within this process, by their names. They win over entries of the catalogue, and need no key. The
    ///     simulator of the `ProviderSimulator` product is one: `[.simulator: { SimulatedProvider() }]`.
    ///   - connectionsMax: at least the number of requests that are to be in the air at once.
    public init(
        _ catalogue: Catalogue = .builtIn,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        own: [ProviderName: Making] = [:], connectionsMax: Int = HTTPTransport.connectionsMaxDefault
    ) {
        self.catalogue = catalogue
        self.environment = environment
        self.own = own
        transport = HTTPTransport(connectionsMax: connectionsMax)
    }

    /// Makes the providers for a piece of work, and closes their connections after it, whatever happens.
    public static func with<Value: Sendable>(
        _ catalogue: Catalogue = .builtIn,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        own: [ProviderName: Making] = [:], connectionsMax: Int = HTTPTransport.connectionsMaxDefault,
        _ work: (CatalogueProviders) async throws -> Value
    ) async throws -> Value {
        let providers = CatalogueProviders(
            catalogue, environment: environment, own: own, connectionsMax: connectionsMax)
        do {
            let value = try await work(providers)
            await providers.close()
            return value
        } catch {
            await providers.close()
            throw error
        }
    }

    /// Ends what is in the air and closes all connections; nothing can be asked after it.
    public func close() async { await transport.shutdown() }

    public var names: Set<ProviderName> {
        Set(catalogue.names.map { ProviderName($0) }).union(own.keys)
    }

    public var executors: [any TaskExecutor] { transport.executors }

    public func provider(for model: ModelName) throws -> any Provider {
        try made.withLock { made in
            if let provider = made[model.provider] { return provider }
            let provider = try make(model.provider)
            made[model.provider] = provider
            return provider
        }
    }

    private func make(_ name: ProviderName) throws -> any Provider {
        if let making = own[name] { return try making() }
        return try catalogue.account(name, environment: environment).client(
            http: transport,
            onRateLimits: { [weak self] model, reading in
                self?.listener.withLock { $0 }?(model, reading)
            })
    }

    /// The account behind the key of that provider; one within this process has the provider's name.
    public func account(of provider: ProviderName) -> AccountName {
        let account = own[provider] == nil ? try? catalogue.account(provider, environment: environment) : nil
        return account?.accountName ?? AccountName(provider: provider)
    }

    public func billsNobody(_ provider: ProviderName) -> Bool {
        (try? catalogue.account(provider, environment: environment))?.entry.isLocal ?? false
    }

    public func limitsAnswers(of provider: ProviderName) -> Bool {
        catalogue.provider(provider)?.quirks.refusesLimits != true
    }

    public func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation {
        .of(model, entry: catalogue.provider(model.provider), options: options)
    }

    public func promptCacheRules(for model: ModelName) -> PromptCacheRules {
        .rules(for: model, entry: catalogue.provider(model.provider))
    }

    /// Opens a connection to each of the models' providers, all at once. Those within this process, and those whose key or entry is
    /// missing, are passed over.
    public func unreachable(among models: [ModelName]) async -> [Failure] {
        let accounts = Set(models.map(\.provider)).filter { own[$0] == nil }
            .compactMap { try? catalogue.account($0, environment: environment) }
        return await withTaskGroup(of: Failure?.self) { group in
            for account in accounts {
                group.addTask { await Reachability.probe(account.baseURL, provider: account.name) }
            }
            return await group.reduce(into: []) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
    }

    public func listen(_ listener: @escaping @Sendable (ModelName, RateLimitReading) -> Void) {
        self.listener.withLock { $0 = listener }
    }
}
