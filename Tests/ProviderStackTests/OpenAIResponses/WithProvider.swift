import ParleyCore
import ProviderStack

/// The client that the catalogue would make for that provider, but for the server at that URL; its transport is shut down
/// afterwards.
func withProvider<Value>(
    _ name: ProviderName, at url: String, key: String = testKey,
    _ body: (any Provider) async throws -> Value
) async throws -> Value {
    try await withProvider(Catalogue.builtIn.entry(name), at: url, key: key, body)
}

/// The client for that entry, but for the server at that URL; its transport is shut down afterwards.
func withProvider<Value>(
    _ entry: ProviderEntry, at url: String, key: String = testKey,
    _ body: (any Provider) async throws -> Value
) async throws -> Value {
    let http = HTTPTransport()
    let account = try ProviderAccount(entry: entry, key: Secret(key), baseURL: BaseURL(url))
    do {
        let value = try await body(account.client(http: http))
        await http.shutdown()
        return value
    } catch {
        await http.shutdown()
        throw error
    }
}
