import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server that answers each request by what stands in it.
final class AnsweringServer: Sendable {
    /// The head of a request in, a whole answer out.
    typealias Script = @Sendable (String) -> String

    let port: Int
    private let channel: any Channel
    private let heard: NIOLockedValueBox<[String]>

    var url: String { "http://127.0.0.1:\(port)" }
    /// The heads of the requests, in the order in which they came.
    var requests: [String] { heard.withLockedValue { $0 } }

    init(_ script: @escaping Script) async throws {
        let heard = NIOLockedValueBox<[String]>([])
        self.heard = heard
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(script: script, heard: heard))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress!.port!
    }

    static func answer(_ body: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    func shutdown() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let script: Script
        private let heard: NIOLockedValueBox<[String]>
        private var received = ""

        init(script: @escaping Script, heard: NIOLockedValueBox<[String]>) {
            self.script = script
            self.heard = heard
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            guard received.contains("\r\n\r\n") else { return }
            let head = received
            received = ""
            heard.withLockedValue { $0.append(head) }
            context.channel.writeAndFlush(ByteBuffer(string: script(head)), promise: nil)
        }
    }
}
