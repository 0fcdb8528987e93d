import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization

/// The providers of this run: the catalogue, the user's own, and the simulator, each made when it is first asked for.
///
/// Offline it gives local providers only. The runner then goes on to the first local model of a job's chain.
final class ProviderRoster: ProviderSource {
    /// Looks whether somebody listens at an address; nil when so.
    typealias Probe = @Sendable (BaseURL, ProviderName) async -> Failure?

    let catalogue: Catalogue
    let watch: ConnectivityWatch
    private let environment: [String: String]
    private let transport: HTTPTransport
    private let probe: Probe
    private let onOffline: @Sendable () -> Void
    private let made = Mutex<[ProviderName: any Provider]>([:])
    private let listener = Mutex<(@Sendable (ModelName, RateLimitReading) -> Void)?>(nil)

    /// - Parameters:
    ///   - connectionsMax: at least the number of requests that are to be in the air at once.
    ///   - onOffline: called when nothing outside turns out to answer.
    init(
        config: ConfigFile, environment: [String: String], connectionsMax: Int,
        watch: ConnectivityWatch = ConnectivityWatch(),
        probe: @escaping Probe = { await Reachability.probe($0, provider: $1) },
        onOffline: @escaping @Sendable () -> Void = {}
    ) {
        catalogue = .with(config)
        self.environment = environment
        self.watch = watch
        self.probe = probe
        self.onOffline = onOffline
        transport = HTTPTransport(connectionsMax: max(connectionsMax, HTTPTransport.connectionsMaxDefault))
    }

    /// Closes all connections; nothing can be asked after it.
    func close() async { await transport.shutdown() }

    var names: Set<ProviderName> { Set(catalogue.names.map { ProviderName($0) }) }

    var executors: [any TaskExecutor] { transport.executors }

    func provider(for model: ModelName) throws -> any Provider {
        if watch.isOffline, !worksOffline(model.provider) {
            throw OfflineError(provider: model.provider, isChosen: watch.isChosen)
        }
        return try made.withLock { made in
            if let provider = made[model.provider] { return provider }
            let provider = try make(model.provider)
            made[model.provider] = provider
            return provider
        }
    }

    func account(of provider: ProviderName) -> AccountName {
        let account = isInProcess(provider) ? nil : try? catalogue.account(provider, environment: environment)
        return account?.accountName ?? AccountName(provider: provider)
    }

    func billsNobody(_ provider: ProviderName) -> Bool {
        guard let account = try? catalogue.account(provider, environment: environment) else { return false }
        return account.entry.isLocal
    }

    func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation {
        .of(model, entry: catalogue.provider(model.provider), options: options)
    }

    func promptCacheRules(for model: ModelName) -> PromptCacheRules {
        .rules(for: model, entry: catalogue.provider(model.provider))
    }

    func limitsAnswers(of provider: ProviderName) -> Bool {
        catalogue.provider(provider)?.quirks.refusesLimits != true
    }

    private func make(_ name: ProviderName) throws -> any Provider {
        if isInProcess(name) {
            return SimulatedProvider(settings: try SimulateOptions.settings(from: environment))
        }
        return try catalogue.account(name, environment: environment).client(
            http: transport,
            onRateLimits: { [weak self] model, reading in
                self?.listener.withLock { $0 }?(model, reading)
            })
    }

    func listen(_ listener: @escaping @Sendable (ModelName, RateLimitReading) -> Void) {
        self.listener.withLock { $0 = listener }
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
