import NIOCore
import NIOEmbedded
import Testing

@testable import ProviderStack

struct FlushGathererTests {
    /// Counts the flushes that reach the socket.
    private final class FlushCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        var count = 0

        func flush(context: ChannelHandlerContext) {
            count += 1
            context.flush()
        }
    }

    @Test func `Parts that are flushed in one turn of the loop leave in one call`() throws {
        let counter = FlushCounter()
        let channel = EmbeddedChannel(handlers: [counter, FlushGatherer()])
        channel.writeAndFlush(ByteBuffer(string: "head"), promise: nil)
        channel.writeAndFlush(ByteBuffer(string: "body"), promise: nil)
        #expect(counter.count == 0)
        channel.embeddedEventLoop.run()
        #expect(counter.count == 1)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "head"))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "body"))
        _ = try channel.finish()
    }

    @Test func `A later part is flushed in its own turn`() throws {
        let counter = FlushCounter()
        let channel = EmbeddedChannel(handlers: [counter, FlushGatherer()])
        for text in ["one", "two"] {
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            channel.embeddedEventLoop.run()
        }
        #expect(counter.count == 2)
        _ = try channel.finish()
    }
}
