import BatchExecutor
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization

/// The providers of this run: the catalogue, the user's own, and the simulator, each made when it is first asked for.
final class ProviderRoster: ProviderSource {
    let catalogue: Catalogue
    private let environment: [String: String]
    private let transport: HTTPTransport
    private let made = Mutex<[ProviderName: any Provider]>([:])

    /// - Parameter connectionsMax: at least the number of requests that are to be in the air at once.
    init(config: ConfigFile, environment: [String: String], connectionsMax: Int) {
        catalogue = .with(config)
        self.environment = environment
        transport = HTTPTransport(connectionsMax: max(connectionsMax, HTTPTransport.connectionsMaxDefault))
    }

    /// Closes all connections; nothing can be asked after it.
    func close() async { await transport.shutdown() }

    var names: Set<ProviderName> { Set(catalogue.names.map { ProviderName($0) }) }

    func provider(for model: ModelName) throws -> any Provider {
        try made.withLock { made in
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

    private func make(_ name: ProviderName) throws -> any Provider {
        if isInProcess(name) {
            return SimulatedProvider(settings: try SimulateOptions.settings(from: environment))
        }
        return try catalogue.account(name, environment: environment).client(http: transport)
    }

    /// The simulator answers in process unless a variable points at one that serves.
    private func isInProcess(_ name: ProviderName) -> Bool {
        guard name == .simulator, let entry = catalogue.provider(name) else { return false }
        return (environment[entry.baseURLVariable] ?? "").isEmpty
    }

    func unreachable(among models: [ModelName]) async -> [Failure] {
        let names = Set(models.map(\.provider)).filter { !isInProcess($0) }
        return await withTaskGroup(of: Failure?.self) { group in
            for name in names {
                guard let account = try? catalogue.account(name, environment: environment) else { continue }
                group.addTask { await Reachability.probe(account.baseURL, provider: name) }
            }
            return await group.reduce(into: []) { failures, failure in
                if let failure { failures.append(failure) }
            }
        }
    }

    /// Makes sure that the models can be asked before anything is stored: the provider is known and has its key.
    func admit(_ models: [ModelName]) throws {
        for model in models {
            do {
                _ = try provider(for: model)
            } catch let error as ConfigurationError {
                throw CommandFailure(error.description, status: error.status)
            }
        }
    }
}

extension Catalogue {
    /// The built-in providers and those of the settings file.
    static func with(_ config: ConfigFile) -> Catalogue {
        builtIn.adding(
            config.providers.map { name, setting in
                ProviderEntry(
                    name: ProviderName(name), dialect: setting.dialect, baseURL: setting.baseURL,
                    keyVariable: setting.keyVariable)
            })
    }
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
