public import ParleyCore

/// The providers that can be named in `provider/model`: the built-in ones and the user's own.
public struct Catalogue: Sendable, Hashable {
    private var entries: [ProviderName: ProviderEntry]

    public init(_ entries: [ProviderEntry]) {
        self.entries = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// In alphabetical order.
    public var names: [String] { entries.keys.map(\.text).sorted() }

    public func provider(_ name: ProviderName) -> ProviderEntry? { entries[name] }

    /// The catalogue with the user's own providers; one of a built-in's name replaces it.
    public func adding(_ own: [ProviderEntry]) -> Catalogue {
        var catalogue = self
        for entry in own { catalogue.entries[entry.name] = entry }
        return catalogue
    }

    /// The entry of that name; the error for an unknown one says what was probably meant.
    public func entry(_ name: ProviderName) throws(ConfigurationError) -> ProviderEntry {
        if let entry = entries[name] { return entry }
        throw .unknownProvider(name, nearest: NearestName.of(name.text, among: names), known: names)
    }

    /// Everything that is needed to ask a provider, from the catalogue and the environment.
    public func account(
        _ name: ProviderName, environment: [String: String]
    ) throws(ConfigurationError) -> ProviderAccount {
        try ProviderAccount(entry: entry(name), environment: environment)
    }
}
