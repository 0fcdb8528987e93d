import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyCore

/// The one HTTP client of a process, which keeps connections open and hands them from request to request.
///
/// HTTP/1.1 only: one request a connection, so that a stalled answer holds up nobody else, and no limit of a server on
/// streams per connection shows up as a wait. Redirects are not followed: the key would go along. A connection that
/// is refused is reported at once instead of being tried again; trying again is the retry policy's business.
///
/// Whoever makes one must call ``shutdown()``.
public final class HTTPTransport: Sendable {
    /// The default for the most connections to one host: more than anybody has requests in the air, because a request that
    /// waits for a free connection longer than ``TimeLimits/connect`` counts as timed out.
    public static let connectionsMaxDefault = 8192
    /// How long an unused connection is kept. Below what servers usually grant (60 s), so that it is we who close.
    public static let connectionIdleSeconds: Int64 = 30

    /// One for each event loop, so that a request, its connection and whoever waits for it share a thread. Between two of
    /// them the client can be told late that a request has gone out, when its connection has long been answered and
    /// closed, and does not survive that.
    private let clients: [HTTPClient]
    let watchdog: Watchdog
    /// Where tasks that do nothing but ask run best: on the event loops that answer them. Nothing that blocks a thread may
    /// be done there.
    public let executors: [any TaskExecutor]
    /// The limits for clients that are given none of their own; ``TimeLimits/connect`` always holds.
    public let limits: TimeLimits

    /// `connectionsMax` must be at least the number of requests that are to be in the air at once.
    public init(limits: TimeLimits = TimeLimits(), connectionsMax: Int = connectionsMaxDefault) {
        precondition(connectionsMax > 0, "a transport without connections cannot send")
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = TimeAmount(limits.connect)
        configuration.connectionPool = .init(
            idleTimeout: .seconds(Self.connectionIdleSeconds),
            concurrentHTTP1ConnectionsPerHostSoftLimit: connectionsMax)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Nobody listens to spans here, and the client would put each request into words for them.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { FlushGatherer.add(to: $0) }
        let group = HTTPClient.defaultEventLoopGroup
        let loops = Array(group.makeIterator())
        clients = loops.map { HTTPClient(eventLoopGroup: $0, configuration: configuration) }
        watchdog = Watchdog(eventLoop: loops[0])
        executors = loops.map { LoopExecutor($0) }
        self.limits = limits
    }

    /// Ends what is in the air and closes every connection.
    public func shutdown() async {
        for client in clients { try? await client.shutdown() }
        watchdog.close()
    }

    /// The client of the event loop we are on. Who is on none shares the first one, and its open connections.
    private var client: HTTPClient {
        guard let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return clients[0] }
        return clients.first { $0.eventLoopGroup === loop } ?? clients[0]
    }

    /// Sends a request and waits for the head of its answer.
    func open(
        _ request: HTTPClientRequest, limits: TimeLimits, origin: String
    ) async throws(WireError) -> WireResponse {
        let start = NIODeadline.now()
        let firstByte = start + TimeAmount(limits.firstByte)
        let total = start + TimeAmount(limits.total)
        do {
            let response = try await client.execute(request, deadline: min(firstByte, total))
            let body = WireBody(
                response.body, watch: Watch(idle: TimeAmount(limits.idle), totalDeadline: total),
                watchdog: watchdog)
            return WireResponse(status: Int(response.status.code), headers: response.headers, body: body)
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw WireError(
                opening: error, limits: limits, origin: origin,
                exceeded: firstByte < total ? .firstByte : .total)
        }
    }
}

extension HTTPTransport {
    /// Sends a request and takes its answer whole; throws when not even its head came.
    func ask<Stream: DialectStream>(
        _ request: HTTPClient.Request, limits: TimeLimits, origin: String,
        makeStream: @escaping @Sendable () -> Stream
    ) async throws(WireError) -> WholeAnswer<Stream> {
        let exchange = WholeExchange(limits: limits, makeStream: makeStream)
        guard watchdog.add(exchange) else { throw .cancelled }
        await exchange.run(request, on: client)
        watchdog.remove(exchange)
        return try exchange.answer(limits: limits, origin: origin)
    }
}

/// The head of an answer, and its body to come.
struct WireResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: WireBody

    var isJSON: Bool { headers.contentType == "application/json" }
}

extension HTTPHeaders {
    /// The content type without parameters, in lower case.
    var contentType: String {
        let value = first(name: "content-type") ?? ""
        if value == "application/json" { return value }
        return value.prefix { $0 != ";" && $0 != " " }.lowercased()
    }

    var saysStream: Bool {
        let type = contentType
        return type == "text/event-stream" || type == "application/x-ndjson"
    }

    /// The provider's own id of the exchange, as its family of servers names it.
    var requestID: String? { first(name: "x-request-id") ?? first(name: "request-id") }
}
