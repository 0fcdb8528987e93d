import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One exchange whose answer is taken whole: it is sent and collected on the event loop of its connection, and wakes its
/// caller once, at the end.
///
/// An answer that streams although nobody asked for it is read as it comes, so that its last word ends it. The callbacks come from
/// one event loop, one after the other; the limits are looked at from another one and a cancellation comes from anywhere,
/// hence the lock.
final class WholeExchange<Stream: DialectStream>: HTTPClientResponseDelegate, Watched {
    typealias Response = Void

    /// What has come of the answer, and how long it may still take.
    fileprivate struct State {
        var head: HTTPResponseHead?
        var body = ByteBuffer()
        var stream: Stream?
        var bytesRead = 0
        /// Until the next sign of life: the head, then each piece.
        var deadline: NIODeadline
        var totalDeadline: NIODeadline
        /// Why we broke it off ourselves.
        var verdict: WireError?
        var error: (any Error)?
        var task: HTTPClient.Task<Void>?
        var caller: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>
    private let idle: TimeAmount
    private let makeStream: @Sendable () -> Stream

    init(limits: TimeLimits, makeStream: @escaping @Sendable () -> Stream) {
        let now = NIODeadline.now()
        idle = TimeAmount(limits.idle)
        self.makeStream = makeStream
        state = Mutex(
            State(
                deadline: now + TimeAmount(limits.firstByte),
                totalDeadline: now + TimeAmount(limits.total)))
    }

    /// Sends the request and returns when the answer has ended, in whatever way.
    func run(_ request: HTTPClient.Request, on client: HTTPClient) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                state.withLock { $0.caller = caller }
                let task = client.execute(request: request, delegate: self)
                let isBrokenOff = state.withLock { state in
                    // It may be over already.
                    if state.caller != nil { state.task = task }
                    return state.verdict != nil
                }
                if isBrokenOff { task.cancel() }
            }
        } onCancel: {
            breakOff(.cancelled)
        }
    }

    /// The answer, once ``run(_:on:)`` has returned. Throws when not even its head came.
    func answer(limits: TimeLimits, origin: String) throws(WireError) -> WholeAnswer<Stream> {
        let result: Result<WholeAnswer<Stream>, WireError> = state.withLock { state in
            guard let head = state.head else {
                let error = state.error ?? HTTPClientError.cancelled
                return .failure(
                    state.verdict
                        ?? WireError(opening: error, limits: limits, origin: origin, exceeded: .firstByte))
            }
            let broken =
                state.verdict ?? state.error.map { $0 as? WireError ?? WireError(reading: $0) }
            return .success(
                WholeAnswer(
                    status: Int(head.status.code), headers: head.headers, body: state.body,
                    stream: state.stream, broken: state.stream?.isDone == true ? nil : broken))
        }
        return try result.get()
    }

    private func breakOff(_ verdict: WireError) {
        let task = state.withLock { state in
            state.verdict = state.verdict ?? verdict
            return state.task
        }
        task?.cancel()
    }

    /// Ends it when a limit is exceeded. When nobody has said anything since we broke it off, nobody will.
    func look(at now: NIODeadline) {
        let (isBrokenOff, verdict) = state.withLock { state -> (Bool, WireError?) in
            if state.verdict != nil { return (true, nil) }
            if now >= state.totalDeadline { return (false, .timedOut(.total)) }
            guard now >= state.deadline else { return (false, nil) }
            return (false, .timedOut(state.head == nil ? .firstByte : .idle))
        }
        if isBrokenOff { end(with: nil) }
        if let verdict { breakOff(verdict) }
    }

    func cut() {
        breakOff(.cancelled)
        end(with: nil)
    }

    private func end(with error: (any Error)?) {
        let caller = state.withLock { state in
            state.error = state.error ?? error
            state.task = nil
            defer { state.caller = nil }
            return state.caller
        }
        caller?.resume()
    }
}

// What the client calls.
extension WholeExchange {
    func didReceiveHead(
        task: HTTPClient.Task<Void>, _ head: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        let streams = head.status == .ok && head.headers.saysStream
        let deadline = NIODeadline.now() + idle
        state.withLock { state in
            state.head = head
            state.deadline = deadline
            if streams { state.stream = makeStream() }
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(
        task: HTTPClient.Task<Void>, _ piece: ByteBuffer
    ) -> EventLoopFuture<Void> {
        let now = NIODeadline.now()
        let tooLarge = state.withLock { state -> WireError? in
            state.deadline = now + idle
            state.bytesRead += piece.readableBytes
            let bytesMax = state.head?.status == .ok ? WireBody.bytesMax : WireBody.refusalBytesMax
            if state.bytesRead > bytesMax { return .tooLarge(bytesMax: bytesMax) }
            state.take(piece, at: now)
            return nil
        }
        if let tooLarge { return task.eventLoop.makeFailedFuture(tooLarge) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { end(with: error) }

    func didFinishRequest(task: HTTPClient.Task<Void>) { end(with: nil) }
}

extension WholeExchange.State {
    mutating func take(_ piece: ByteBuffer, at now: NIODeadline) {
        if stream != nil {
            _ = piece.withBytes { stream?.read($0) }
            // A server that keeps the body open after the last word is not waited for.
            if stream?.isDone == true { totalDeadline = min(totalDeadline, now + WireBody.drainMax) }
        } else if body.readableBytes == 0 {
            body = piece
        } else {
            body.writeImmutableBuffer(piece)
        }
    }
}

/// An answer that was taken whole.
struct WholeAnswer<Stream: DialectStream>: Sendable {
    let status: Int
    let headers: HTTPHeaders
    /// Empty for an answer that streams.
    let body: ByteBuffer
    /// What was read of an answer that streams although nobody asked for it.
    let stream: Stream?
    /// Why the body is not whole, if so.
    let broken: WireError?
}
