import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack

/// The providers of this run: the catalogue, the user's own, and the simulator, each made when it is first asked for.
///
/// Offline it gives local providers only. The runner then goes on to the first local model of a job's chain.
final class ProviderRoster: ProviderSource {
    /// Looks whether somebody listens at an address; nil when so.
    typealias Probe = @Sendable (BaseURL, ProviderName) async -> Failure?

    let watch: ConnectivityWatch
    private let providers: CatalogueProviders
    private let environment: [String: String]
    private let probe: Probe
    private let onOffline: @Sendable () -> Void

    var catalogue: Catalogue { providers.catalogue }

    /// - Parameters:
    ///   - connectionsMax: at least the number of requests that are to be in the air at once.
    ///   - onOffline: called when nothing outside turns out to answer.
    init(
        config: ConfigFile, environment: [String: String], connectionsMax: Int,
        watch: ConnectivityWatch = ConnectivityWatch(),
        probe: @escaping Probe = { await Reachability.probe($0, provider: $1) },
        onOffline: @escaping @Sendable () -> Void = {}
    ) {
        let catalogue = Catalogue.with(config)
        let isInProcess =
            catalogue.provider(.simulator)?.isInProcess(environment: environment) ?? false
        providers = CatalogueProviders(
            catalogue, environment: environment,
            own: isInProcess
                ? [
                    .simulator: {
                        SimulatedProvider(settings: try SimulateOptions.settings(from: environment))
                    }
                ] : [:],
            connectionsMax: max(connectionsMax, HTTPTransport.connectionsMaxDefault))
        self.environment = environment
        self.watch = watch
        self.probe = probe
        self.onOffline = onOffline
    }

    /// Closes all connections; nothing can be asked after it.
    func close() async { await providers.close() }

    var names: Set<ProviderName> { providers.names }

    var executors: [any TaskExecutor] { providers.executors }

    func provider(for model: ModelName) throws -> any Provider {
        if watch.isOffline, !worksOffline(model.provider) {
            throw OfflineError(provider: model.provider, isChosen: watch.isChosen)
        }
        return try providers.provider(for: model)
    }

    func account(of provider: ProviderName) -> AccountName { providers.account(of: provider) }

    func billsNobody(_ provider: ProviderName) -> Bool { providers.billsNobody(provider) }

    func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation {
        providers.continuation(of: model, options: options)
    }

    func promptCacheRules(for model: ModelName) -> PromptCacheRules { providers.promptCacheRules(for: model) }

    func limitsAnswers(of provider: ProviderName) -> Bool { providers.limitsAnswers(of: provider) }

    func listen(_ listener: @escaping @Sendable (ModelName, RateLimitReading) -> Void) {
        providers.listen(listener)
    }

    private func isInProcess(_ name: ProviderName) -> Bool {
        catalogue.provider(name).map { $0.isInProcess(environment: environment) } ?? false
    }

    /// A name that is not in the catalogue counts as local, so that its own error is the one that is told.
    private func worksOffline(_ name: ProviderName) -> Bool {
        catalogue.provider(name).map { $0.worksOffline(environment: environment) } ?? true
    }

    /// Looks at every provider at once; where no provider outside answers, looks whether anything there does.
    func unreachable(among models: [ModelName]) async -> [Failure] {
        let accounts = Set(models.map(\.provider)).filter { !isInProcess($0) }
            .compactMap { try? catalogue.account($0, environment: environment) }
        let failures = await withTaskGroup(of: Failure?.self) { group in
            for account in accounts {
                group.addTask { [probe] in await probe(account.baseURL, account.name) }
            }
            return await group.reduce(into: [Failure]()) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
        let outside = accounts.map(\.name).filter { !worksOffline($0) }
        let isSilent = outside.allSatisfy { name in failures.contains { $0.provider == name } }
        guard !outside.isEmpty, isSilent, await watch.look() == .offline else { return failures }
        onOffline()
        return failures.map { failure in
            guard outside.contains(failure.provider) else { return failure }
            let error = OfflineError(provider: failure.provider, isChosen: false)
            return Failure(kind: .unreachable, provider: failure.provider, message: error.description)
        }
    }

    /// Makes sure that a batch can be asked before anything of it is stored: its provider is known and has its key, or,
    /// offline, one of its models is on this machine.
    func admit(_ sheet: JobSheet) throws {
        guard let model = sheet.model else { return }
        do {
            _ = try provider(for: model)
        } catch let error as OfflineError {
            guard sheet.models.allSatisfy({ (try? provider(for: $0)) == nil }) else { return }
            throw CommandFailure(error.description, status: .stoppedEarly)
        } catch let error as ConfigurationError {
            throw CommandFailure(error.description, status: error.status)
        }
    }
}

extension ProviderEntry {
    /// The simulator answers in process unless a variable points at one that serves.
    func isInProcess(environment: [String: String]) -> Bool {
        name == .simulator && (environment[baseURLVariable] ?? "").isEmpty
    }
}

extension Catalogue {
    /// The built-in providers and those of the settings file.
    static func with(_ config: ConfigFile) -> Catalogue { builtIn.adding(Array(config.providers.values)) }
}

extension ConfigurationError {
    /// A wrong name is a slip on the command line; a missing key means that no provider can be used.
    var status: ExitStatus {
        switch self {
        case .unknownProvider: .usage
        case .keyMissing, .keyUnusable, .baseURLUnusable: .stoppedEarly
        }
    }
}
