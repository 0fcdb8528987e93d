import HTTPTypes
import Hummingbird
import Logging
import NIOCore
public import ParleyCore
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The simulator as an HTTP server that speaks the OpenAI chat dialect, for clients that cannot tell the difference.
///
/// `POST /v1/chat/completions` (whole and streamed), `GET /v1/models`, `/health` and `/stats`. Each answer says that it is
/// simulated, in the header `x-parley-simulated` and in `system_fingerprint`. It listens on the loopback interface
/// unless told otherwise: anybody who reaches it may ask.
public final class SimulatorServer: Sendable {
    /// The most bytes of a request's body.
    public static let requestBytesMax = 64 * 1024 * 1024

    let settings: SimulatorSettings
    let time: TimeSource
    let state: Mutex<State>
    private let host: String
    private let port: Int

    struct State: Sendable {
        var engine: SimulatorEngine
        var memory = SimulatorMemory()
    }

    /// Port 0 lets the system choose one; ``run(onListening:)`` tells which.
    public init(
        settings: SimulatorSettings = SimulatorSettings(), host: String = "127.0.0.1", port: Int = 0,
        time: TimeSource = .system
    ) {
        self.settings = settings
        self.host = host
        self.port = port
        self.time = time
        state = Mutex(State(engine: SimulatorEngine(settings: settings)))
    }

    /// Serves until the task is cancelled. `onListening` hears the port once the server can be asked.
    ///
    /// A cancelled task makes it stop listening and end what is in the air. It does so by way of a graceful shutdown: the
    /// HTTP server must not be cancelled itself while a connection is just coming in, because NIO traps on a connection
    /// that nobody took over.
    public func run(onListening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        var logger = Logger(label: "parley.simulator")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<SimulatorContext> { request, context in
                try await self.respond(to: request, on: context.channel)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "parley-simulator", backlog: 4096),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
        let services = ServiceGroup(configuration: .init(services: [application], logger: logger))
        let serving = Task { try await services.run() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                Task { await services.triggerGracefulShutdown() }
            }
        } catch let error as IOError {
            throw ListenError(host: host, port: port, code: error.errnoCode)
        }
    }

    /// The server could not listen where it was told to.
    public struct ListenError: Error, Sendable, Hashable, CustomStringConvertible {
        public let host: String
        public let port: Int
        /// The system's `errno`.
        public let code: CInt

        public var description: String {
            "the simulator cannot listen on \(host):\(port): \(String(cString: strerror(code)).lowercased())"
        }
    }

    /// Waits for a simulated delay; a shutdown ends it.
    func pause(for duration: Duration) async throws {
        guard duration > .zero else { return }
        try await cancelWhenGracefulShutdown { [time] in try await time.sleep(for: duration) }
    }

    /// What `/stats` answers.
    public var stats: JSON { state.withLock { $0.memory.stats } }
}

extension SimulatorServer {
    private func respond(to request: Request, on channel: any Channel) async throws -> Response {
        switch (request.method, request.uri.path) {
        case (.post, "/v1/chat/completions"), (.post, "/chat/completions"):
            if let refusal = refusalOfKey(in: request) { return refuse(refusal) }
            return try await chat(request, on: channel)
        case (.get, "/v1/models"), (.get, "/models"):
            if let refusal = refusalOfKey(in: request) { return refuse(refusal) }
            return Self.response(
                OpenAIDocuments.models(settings.models.isEmpty ? ["simulated"] : settings.models))
        case (.get, "/health"):
            return Self.response(["status": "ok", "simulated": true])
        case (.get, "/stats"):
            return Self.response(stats)
        default:
            return refuse(
                SimulatedRefusal(.unknownPath("\(request.method.rawValue) \(request.uri.path)")))
        }
    }

    private func refusalOfKey(in request: Request) -> SimulatedRefusal? {
        guard let key = settings.apiKey else { return nil }
        guard let header = request.headers[.authorization] else { return SimulatedRefusal(.keyMissing) }
        if header == "Bearer \(key)" { return nil }
        return SimulatedRefusal(
            .keyWrong(beginning: String(header.replacing("Bearer ", with: "").prefix(4))))
    }

    private func chat(_ request: Request, on channel: any Channel) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.requestBytesMax)
        let key = request.headers[HTTPField.Name("idempotency-key")!]
        let asked: OpenAIRequestReader
        do throws(SimulatedRefusal) {
            asked = try body.withReadableUnsafeBytes { bytes throws(SimulatedRefusal) in
                try OpenAIRequestReader(bytes)
            }
        } catch {
            return refuse(error)
        }
        let now = time.now
        let (outcome, limits, isReplay) = state.withLock { state in
            state.memory.received(key: key)
            if let answer = state.memory.replay(of: key) {
                return (SimulatedOutcome.answered(answer), state.engine.limitHeaders, true)
            }
            let outcome = state.engine.outcome(for: asked.request, at: now)
            if case .answered(let answer) = outcome { state.memory.answered(answer, key: key) }
            return (outcome, state.engine.limitHeaders, false)
        }
        var response: Response
        switch outcome {
        case .refused(let refusal):
            if refusal.reason == .hangUp {
                state.withLock { $0.memory.hungUp() }
                try await channel.close()
            }
            response = refuse(refusal)
        case .answered(let answer):
            state.withLock { $0.memory.replied(status: 200) }
            response = try await self.response(for: answer, to: asked, at: now)
        }
        for (name, value) in limits { response.headers[HTTPField.Name(name)!] = value }
        if isReplay { response.headers[HTTPField.Name("idempotent-replayed")!] = "true" }
        return response
    }

    private func refuse(_ refusal: SimulatedRefusal) -> Response {
        if refusal.reason != .hangUp { state.withLock { $0.memory.replied(status: refusal.status) } }
        var response = Self.response(OpenAIErrors.document(for: refusal), status: refusal.status)
        for (name, value) in refusal.retryHeaders(at: time.now) {
            response.headers[HTTPField.Name(name)!] = value
        }
        return response
    }

    static func response(_ document: JSON, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: headers(contentType: "application/json"),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.bytes())))
    }

    static func headers(contentType: String) -> HTTPFields {
        [.contentType: contentType, HTTPField.Name("x-parley-simulated")!: "true"]
    }
}

extension SimulatedRefusal {
    /// The headers that say how long to wait.
    fileprivate func retryHeaders(at now: Timestamp) -> [(name: String, value: String)] {
        guard let wait = retryAfter else { return [] }
        let milliseconds = ("retry-after-ms", String(wait.milliseconds))
        let seconds = ("retry-after", String((wait.milliseconds + 999) / 1000))
        return switch retryForm {
        case .usual: [milliseconds, seconds]
        case .milliseconds: [milliseconds]
        case .seconds: [seconds]
        case .date: [("retry-after", CalendarDate(now + wait).http)]
        }
    }
}

/// What the server knows of a request's connection.
struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

extension ByteBuffer {
    /// The readable bytes, without a copy.
    func withReadableUnsafeBytes<Value, Failed: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failed) -> Value
    ) throws(Failed) -> Value {
        let result: Result<Value, Failed> = withUnsafeReadableBytes { raw in
            do throws(Failed) {
                return .success(try body(raw.assumingMemoryBound(to: UInt8.self)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
