import OrderedCollections
import ParleyCore
import ProviderStack

/// Whom `providers check` looks at, and which of its models.
struct CheckTargets {
    let catalogue: Catalogue
    let config: ConfigFile
    let environment: [String: String]
    let isOffline: Bool

    typealias Targets = OrderedDictionary<ProviderName, OrderedSet<String>>

    /// What the words name: a provider, with the models that the settings ask of it, or one model. Without a word those
    /// that can be asked.
    func targets(for words: [String]) throws -> Targets {
        guard !words.isEmpty else { return askable }
        var targets: Targets = [:]
        for word in words {
            let model = ModelName(word)
            let name = model?.provider ?? ProviderName(word)
            do {
                _ = try catalogue.entry(name)
            } catch {
                throw CommandFailure(error.description, status: error.status)
            }
            if let model {
                targets[name, default: []].append(model.model)
            } else {
                targets[name] = models(of: name)
            }
        }
        return targets
    }

    /// Those with a key, those that the settings ask or bring, and those to which a variable points; offline, the local
    /// ones among them.
    private var askable: Targets {
        var targets: Targets = [:]
        for entry in catalogue.names.compactMap({ catalogue.provider(ProviderName($0)) }) {
            let models = models(of: entry.name)
            let isPointedAt = !(environment[entry.baseURLVariable] ?? "").isBlank && !entry.needsKey
            let isOwn = config.providers[entry.name.text] != nil
            guard entry.isKeySet(in: environment) || !models.isEmpty || isPointedAt || isOwn else { continue }
            guard !isOffline || entry.worksOffline(environment: environment) else { continue }
            targets[entry.name] = models
        }
        return targets
    }

    private func models(of provider: ProviderName) -> OrderedSet<String> {
        OrderedSet(config.uses.map(\.model).filter { $0.provider == provider }.map(\.model))
    }
}
