import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A server of one trick: it waits for a whole request and then does what it was told, byte for byte.
final class CannedServer: Sendable {
    enum Step: Sendable {
        case write(String)
        /// As ``write``, for what is no text: a character cut in two.
        case bytes([UInt8])
        /// Waits before the next step.
        case pause(TimeAmount)
        case close
        /// Closes such that the other side's system throws away what it has not read yet.
        case reset
        /// Says and does nothing more.
        case hang
    }

    let port: Int
    private let channel: any Channel
    private let log: Log

    var url: String { "http://127.0.0.1:\(port)" }
    /// The requests as they came, head and body.
    var requests: [String] { log.requests.withLockedValue { $0 } }
    /// How many connections were opened.
    var connections: Int { log.connections.withLockedValue { $0 } }
    /// Waits until the client has closed a connection that hung.
    func closedByClient() async { await log.closed.first { _ in true } }

    final class Log: Sendable {
        let requests = NIOLockedValueBox<[String]>([])
        let connections = NIOLockedValueBox(0)
        let closed: AsyncStream<Void>
        let close: AsyncStream<Void>.Continuation

        init() { (closed, close) = AsyncStream.makeStream() }
    }

    /// `readsHTTP` is false for a server that acts on the first bytes, whatever they are.
    init(_ steps: [Step], readsHTTP: Bool = true) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    log.connections.withLockedValue { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(
                        CannedHandler(steps: steps, log: log, readsHTTP: readsHTTP))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress!.port!
    }

    /// An answer with the length of its body.
    static func answer(
        _ body: String, status: String = "200 OK", type: String = "application/json", headers: [String] = []
    ) -> Step {
        let head =
            ["HTTP/1.1 \(status)", "content-type: \(type)", "content-length: \(body.utf8.count)"] + headers
        return .write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func shutdown() async { try? await channel.close() }
}

private final class CannedHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let steps: [CannedServer.Step]
    private let log: CannedServer.Log
    private let readsHTTP: Bool
    private var received = ""

    init(steps: [CannedServer.Step], log: CannedServer.Log, readsHTTP: Bool) {
        self.readsHTTP = readsHTTP
        self.steps = steps
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        received += String(buffer: buffer)
        if !readsHTTP { return perform(steps[...], on: context.channel) }
        guard let end = received.firstRange(of: "\r\n\r\n") else { return }
        let length = received.lowercased().firstRange(of: "content-length: ").flatMap {
            Int(received[$0.upperBound...].prefix { $0.isNumber })
        }
        guard received[end.upperBound...].utf8.count >= length ?? 0 else { return }
        log.requests.withLockedValue { $0.append(received) }
        received = ""
        perform(steps[...], on: context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) { log.close.yield() }

    private func perform(_ steps: ArraySlice<CannedServer.Step>, on channel: any Channel) {
        guard let step = steps.first else { return }
        let rest = steps.dropFirst()
        switch step {
        case .write(let text):
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            perform(rest, on: channel)
        case .bytes(let bytes):
            channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
            perform(rest, on: channel)
        case .pause(let time):
            let this = NIOLoopBound(self, eventLoop: channel.eventLoop)
            channel.eventLoop.scheduleTask(in: time) { this.value.perform(rest, on: channel) }
        case .close: channel.close(promise: nil)
        case .reset:
            let linger = linger(l_onoff: 1, l_linger: 0)
            (channel as? any SocketOptionProvider)?.setSoLinger(linger)
                .whenComplete { _ in channel.close(promise: nil) }
        case .hang: break
        }
    }
}

/// A port of the loopback interface on which nobody listens.
func freePort() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress!.port!
    try await channel.close()
    return port
}
