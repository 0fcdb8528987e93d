import ParleyCore
import ProviderStack

/// A client for the server at that URL that speaks a dialect, and a transport that is shut down afterwards.
func withClient<Value>(
    speaking dialect: Dialect, _ url: String, key: String? = testKey, provider: ProviderName? = nil,
    quirks: ProviderEntry.Quirks = .init(), time: TimeSource = .system,
    onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil,
    _ body: (any Provider) async throws -> Value
) async throws -> Value {
    let http = HTTPTransport()
    let entry = ProviderEntry(
        name: provider ?? dialect.usualProvider, dialect: dialect, baseURL: url, keyVariable: "TEST_KEY",
        quirks: quirks)
    let account = try ProviderAccount(entry: entry, key: key.map { Secret($0) }, baseURL: BaseURL(url))
    do {
        let value = try await body(account.client(http: http, time: time, onRateLimits: onRateLimits))
        await http.shutdown()
        return value
    } catch {
        await http.shutdown()
        throw error
    }
}
