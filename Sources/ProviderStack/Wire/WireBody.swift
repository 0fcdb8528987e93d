import AsyncHTTPClient
import NIOCore
import ParleyCore

/// The body of an answer while it arrives, held to the time limits.
///
/// One consumer reads it, piece after piece; that is why the iterator inside may be shared with the task that
/// ``Watch/run(_:)`` makes, one after the other. Whoever stops reading early must call ``finish()``.
final class WireBody: @unchecked Sendable {
    /// The most bytes that are taken of one answer.
    static let bytesMax = 64 * 1024 * 1024
    /// The most bytes of an error's body that are read.
    static let refusalBytesMax = 1 << 20
    /// How long the end of a body is waited for once its last word was read.
    static let drainMax: TimeAmount = .milliseconds(250)

    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let watch: Watch
    private let watchdog: Watchdog
    private var bytesRead = 0

    init(_ body: HTTPClientResponse.Body, watch: Watch, watchdog: Watchdog) {
        iterator = body.makeAsyncIterator()
        self.watch = watch
        self.watchdog = watchdog
        watchdog.add(watch)
    }

    /// No limit is looked at any more.
    func finish() { watchdog.remove(watch) }

    /// The next piece, or nil at the end.
    func next() async throws(WireError) -> ByteBuffer? {
        let piece = try await watched { body in try await body.read() }
        if let piece { try count(piece.readableBytes) }
        return piece
    }

    /// The whole body, or as much of it as `bytesKept`; what is beyond is not read.
    func collect(upTo bytesMax: Int = WireBody.bytesMax) async throws(WireError) -> ByteBuffer {
        defer { finish() }
        return try await watched { body in
            guard var whole = try await body.read() else { return ByteBuffer() }
            while let piece = try await body.read() {
                body.watch.touch()
                if whole.readableBytes + piece.readableBytes > bytesMax {
                    throw WireError.tooLarge(bytesMax: bytesMax)
                }
                whole.writeImmutableBuffer(piece)
            }
            if whole.readableBytes > bytesMax { throw WireError.tooLarge(bytesMax: bytesMax) }
            return whole
        }
    }

    /// Reads what is left, which should be nothing but the body's end, so that the connection can be used again.
    ///
    /// A server that keeps the body open is not waited for: after ``drainMax`` the connection is closed instead.
    func drain() async {
        watch.hurry(to: .now() + Self.drainMax)
        while let piece = try? await watched({ body in try await body.read() }), piece.readableBytes > 0 {}
    }

    private func read() async throws -> ByteBuffer? { try await iterator.next() }

    private func count(_ bytes: Int) throws(WireError) {
        bytesRead += bytes
        if bytesRead > Self.bytesMax { throw .tooLarge(bytesMax: Self.bytesMax) }
    }

    private func watched<Value: Sendable>(
        _ work: @escaping @Sendable (WireBody) async throws -> Value
    ) async throws(WireError) -> Value {
        do {
            let value = try await watch.run { [self] in
                let value = try await work(self)
                // A cancelled iterator ends as if the body had ended.
                try Task.checkCancellation()
                return value
            }
            return value
        } catch {
            if let exceeded = watch.exceeded { throw .timedOut(exceeded) }
            if Task.isCancelled { throw .cancelled }
            if let error = error as? WireError { throw error }
            throw WireError(reading: error)
        }
    }
}
