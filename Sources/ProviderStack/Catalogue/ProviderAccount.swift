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
        self.baseURL = baseURL
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
        var own = value(entry.baseURLVariable)
        if let host = own, entry.dialect == .ollama { own = Self.ollamaURL(host) }
        do throws(BaseURL.Flaw) {
            baseURL = try BaseURL(own ?? entry.baseURL)
        } catch {
            throw .baseURLUnusable(
                own ?? entry.baseURL, variable: own == nil ? nil : entry.baseURLVariable,
                reason: error.description)
        }
        self.entry = entry
        self.key = key.map { Secret($0) }
    }

    /// What `OLLAMA_HOST` means, by the rules of Ollama's own `envconfig`: a host without a scheme is spoken to in the
    /// clear, at port 11434 unless it names one; without a host it is this machine.
    private static func ollamaURL(_ text: String) -> String {
        guard !text.contains("://") else { return text }
        if text == "ollama.com" { return "https://ollama.com" }
        let authority = text.prefix { $0 != "/" }
        let path = text[authority.endIndex...]
        if authority.hasPrefix(":") { return "http://127.0.0.1\(authority)\(path)" }
        let isBareIPv6 = !authority.hasPrefix("[") && authority.count { $0 == ":" } > 1
        let host = isBareIPv6 ? "[\(authority)]" : String(authority)
        let hasPort = host.hasPrefix("[") ? host.contains("]:") : host.contains(":")
        return "http://\(host)\(hasPort ? "" : ":11434")\(path)"
    }
}
