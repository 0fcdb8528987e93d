import HTTPTypes
import Hummingbird
import NIOCore
import ParleyCore

/// Thrown inside a body to make the server close the connection in the middle of it.
private struct ConnectionCut: Error {}

extension SimulatorServer {
    /// The most pauses inside one streamed answer.
    private static let pausesMax = 16

    func response(
        for exchange: SimulatedExchange, in dialect: any ServerDialect
    ) async throws -> Response {
        if exchange.asked.streams {
            try await pause(for: exchange.answer.firstToken)
            return streamed(exchange, in: dialect)
        }
        try await pause(for: exchange.answer.latency)
        return whole(exchange, in: dialect)
    }

    private func whole(_ exchange: SimulatedExchange, in dialect: any ServerDialect) -> Response {
        let bytes = dialect.whole(exchange).bytes()
        let headers = Self.headers(contentType: "application/json")
        let fault = exchange.answer.fault
        switch fault {
        case .malformed:
            let broken = ByteBuffer(bytes: BrokenBody.malformed(bytes, at: settings.faultPoint))
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: broken))
        case .cut, .stall:
            let count = BrokenBody.bytes(before: settings.faultPoint, of: bytes.count)
            let part = ByteBuffer(bytes: bytes[..<count])
            let body = ResponseBody(contentLength: bytes.count) { [self] writer in
                if part.readableBytes > 0 { try await writer.write(part) }
                try await breakOff(fault)
            }
            return Response(status: .ok, headers: headers, body: body)
        default:
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    private func streamed(_ exchange: SimulatedExchange, in dialect: any ServerDialect) -> Response {
        let answer = exchange.answer
        var frames = dialect.frames(of: exchange)
        switch answer.fault {
        case .malformed:
            frames = BrokenBody.frames(frames, malformedAt: settings.faultPoint, by: dialect.brokenLine)
        case .cut, .stall:
            frames = BrokenBody.frames(frames, cutAt: settings.faultPoint)
        default:
            break
        }
        let groups = Self.groups(of: frames, at: answer.latency == answer.firstToken ? 1 : Self.pausesMax)
        let gap = (answer.latency - answer.firstToken) / max(1, groups.count)
        let body = ResponseBody { [self] writer in
            for (index, group) in groups.enumerated() {
                if index > 0 { try await pause(for: gap) }
                try await writer.write(ByteBuffer(string: group))
            }
            if answer.fault == .cut || answer.fault == .stall { try await breakOff(answer.fault) }
            try await writer.finish(nil)
        }
        var headers = Self.headers(contentType: dialect.streamType)
        headers[.cacheControl] = "no-cache"
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Ends a body before its end: at once, or after a silence.
    private func breakOff(_ fault: SimulatedFault?) async throws {
        if fault == .stall { try await pause(for: settings.stall) }
        throw ConnectionCut()
    }

    /// Joins neighbours, so that at most `count` writes remain.
    private static func groups(of frames: [StreamFrame], at count: Int) -> [String] {
        let size = max(1, (frames.count + count - 1) / count)
        return stride(from: 0, to: frames.count, by: size).map {
            frames[$0..<min($0 + size, frames.count)].map(\.text).joined()
        }
    }
}
