import ParleyCore
import ProviderStack

let testKey = "sk-test-abcdef0123456789"

/// A client for the server at that URL, and a transport that is shut down afterwards.
func withClient<Value>(
    _ url: String, limits: TimeLimits = TimeLimits(), key: String? = testKey,
    provider: ProviderName = "openai",
    quirks: ProviderEntry.Quirks = .init(), time: TimeSource = .system,
    onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil,
    _ body: (OpenAIChatClient) async throws -> Value
) async throws -> Value {
    let http = HTTPTransport(limits: limits)
    let entry = ProviderEntry(name: provider, baseURL: url, keyVariable: "OPENAI_API_KEY", quirks: quirks)
    let account = try ProviderAccount(entry: entry, key: key.map { Secret($0) }, baseURL: BaseURL(url))
    do {
        let client = OpenAIChatClient(
            account: account, http: http, time: time, onRateLimits: onRateLimits)
        let value = try await body(client)
        await http.shutdown()
        return value
    } catch {
        await http.shutdown()
        throw error
    }
}

/// A server that is shut down afterwards.
func withServer<Value>(
    _ steps: [CannedServer.Step], readsHTTP: Bool = true, _ body: (CannedServer) async throws -> Value
) async throws -> Value {
    let server = try await CannedServer(steps, readsHTTP: readsHTTP)
    do {
        let value = try await body(server)
        await server.shutdown()
        return value
    } catch {
        await server.shutdown()
        throw error
    }
}

/// What a call failed with; nil when it did not.
func failed(_ call: () async throws(Failure) -> Completion) async -> Failure? {
    do throws(Failure) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
