import NIOCore

/// Sends head and body of a request to the system in one call, hence mostly in one packet.
///
/// The client flushes after each part, and a call costs more than all that is in it. Here a flush waits for the end of the
/// event loop's turn, in which the other parts have come as well; that is no time at all.
final class FlushGatherer: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private var isDue = false
    private var isRemoved = false

    func flush(context: ChannelHandlerContext) {
        guard !isDue else { return }
        isDue = true
        context.eventLoop.assumeIsolated().execute {
            self.isDue = false
            if !self.isRemoved { context.flush() }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { isRemoved = true }

    /// Puts one next to the socket of a connection.
    static func add(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(FlushGatherer(), position: .first)
        }
    }
}
