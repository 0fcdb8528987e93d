import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Testing

/// A simulator that is asked by hand: what it says on the wire, without a client of ours between.
struct RawSimulator: Sendable {
    let origin: String

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String

        var json: JSON? { try? JSON(parsing: Array(body.utf8)) }

        /// The server-sent events: their names and documents; `[DONE]` is a string.
        var events: [(name: String?, data: JSON)] {
            body.split(separator: "\n\n").map { block in
                var name: String?
                var data = ""
                for line in block.split(separator: "\n") {
                    if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                    if line.hasPrefix("data: ") { data += line.dropFirst(6) }
                }
                return (name, (try? JSON(parsing: Array(data.utf8))) ?? .string(data))
            }
        }

        var lines: [JSON] {
            body.split(separator: "\n").map { (try? JSON(parsing: Array($0.utf8))) ?? .null }
        }
    }

    func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(HTTPClientRequest(url: origin + path), headers)
    }

    func post(_ path: String, _ body: JSON, headers: HTTPHeaders = [:]) async throws -> Answer {
        var request = HTTPClientRequest(url: origin + path)
        request.method = .POST
        request.body = .bytes(ByteBuffer(bytes: body.bytes()))
        return try await send(request, headers)
    }

    private func send(_ request: HTTPClientRequest, _ headers: HTTPHeaders) async throws -> Answer {
        var request = request
        request.headers = headers
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1 << 22)
        #expect(response.headers.first(name: "x-parley-simulated") == "true")
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: String(buffer: body))
    }
}

/// A simulator on a port of its own, asked by hand.
func withRawSimulator(
    _ settings: SimulatorSettings = SimulatorSettings(latency: .zero),
    _ body: @escaping @Sendable (RawSimulator) async throws -> Void
) async throws {
    try await withSimulator(settings) { client, _ in
        try await body(RawSimulator(origin: client.account.baseURL.origin))
    }
}

extension Dialect {
    /// Where the simulator speaks it, below its origin.
    var simulatorPath: String {
        switch self {
        case .openAIChat, .openAIResponses: "/v1"
        case .anthropic, .ollama: ""
        }
    }
}

/// A simulator and the client of a dialect for it, as the program makes one.
func withSimulator(
    in dialect: Dialect, _ settings: SimulatorSettings = SimulatorSettings(latency: .zero),
    limits: TimeLimits = TimeLimits(), quirks: ProviderEntry.Quirks? = nil,
    onRateLimits: (@Sendable (ModelName, RateLimitReading) -> Void)? = nil,
    _ body: @escaping @Sendable (any Provider, SimulatorServer) async throws -> Void
) async throws {
    try await withSimulator(settings) { client, server in
        let url = client.account.baseURL.origin + dialect.simulatorPath
        var entry = Catalogue.builtIn.provider(dialect.usualProvider)!
        if let quirks { entry.quirks = quirks }
        let account = try ProviderAccount(entry: entry, key: Secret(testKey), baseURL: BaseURL(url))
        let http = HTTPTransport(limits: limits)
        do {
            try await body(account.client(http: http, onRateLimits: onRateLimits), server)
            await http.shutdown()
        } catch {
            await http.shutdown()
            throw error
        }
    }
}
