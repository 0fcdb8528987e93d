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

/// The simulator as an HTTP server that speaks four dialects, for clients that cannot tell the difference.
///
/// `POST /v1/chat/completions`, `/v1/responses`, `/v1/messages`, `/v1/messages/count_tokens` and `/api/chat`; `GET
/// /v1/models`, `/api/tags`, `/health` and `/stats`. Each answer says that it is simulated, in the header
/// `x-parley-simulated` and, where the dialect has room for it, in its body. It listens on the loopback interface unless
/// told otherwise: anybody who reaches it may ask.
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

/// What the server knows of a request's connection.
struct SimulatorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
