public import ParleyCore

/// A provider with the key and address under which it is asked.
public struct ProviderAccount: Sendable, Hashable {
    public let entry: ProviderEntry
    /// Nil for a provider that needs none.
    public let key: Secret?
    public let baseURL: BaseURL

    public var name: ProviderName { entry.name }

    public init(entry: ProviderEntry, key: Secret?, baseURL: BaseURL) {
        self.entry = entry
        self.key = key
        self.baseURL = baseURL.fitted(to: entry.dialect)
    }

    /// Takes the key and a base URL of the user's own from the environment that is given; an empty variable counts as
    /// not set.
    public init(entry: ProviderEntry, environment: [String: String]) throws(ConfigurationError) {
        func value(_ variable: String) -> String? {
            let text = environment[variable].map { String($0.drop { $0.isWhitespace }) } ?? ""
            return text.isEmpty ? nil : text
        }
        let key = entry.keyVariable.flatMap(value).map { text in
            String(text.reversed().drop { $0.isWhitespace }.reversed())
        }
        if let variable = entry.keyVariable {
            if key == nil, entry.needsKey { throw .keyMissing(entry.name, variable: variable) }
            if let key, !key.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
                throw .keyUnusable(entry.name, variable: variable)
            }
        }
        let own = value(entry.baseURLVariable)
        let address = own ?? entry.baseURL
        do throws(BaseURL.Flaw) {
            let text = entry.dialect == .ollama ? OllamaHost.baseURL(address) : address
            baseURL = try BaseURL(text).fitted(to: entry.dialect)
        } catch {
            throw .baseURLUnusable(
                address, variable: own == nil ? nil : entry.baseURLVariable,
                reason: error.description)
        }
        var entry = entry
        if baseURL.host == "ollama.com" { entry.isLocal = false }
        self.entry = entry
        self.key = key.map { Secret($0) }
    }
}
