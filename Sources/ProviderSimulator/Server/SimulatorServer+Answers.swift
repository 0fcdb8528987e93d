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
        for answer: SimulatedAnswer, to asked: OpenAIRequestReader, at now: Timestamp
    ) async throws -> Response {
        if asked.streams {
            try await pause(for: answer.firstToken)
            return streamed(answer, includesUsage: asked.includesUsage, at: now)
        }
        try await pause(for: answer.latency)
        return whole(answer, at: now)
    }

    private func whole(_ answer: SimulatedAnswer, at now: Timestamp) -> Response {
        let bytes = OpenAIDocuments.whole(answer.completion, created: now).bytes()
        let headers = Self.headers(contentType: "application/json")
        let point = settings.faultPoint
        switch answer.fault {
        case .malformed:
            let broken = ByteBuffer(bytes: BrokenBody.malformed(bytes, at: point))
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: broken))
        case .cut, .stall:
            let part = ByteBuffer(bytes: bytes[..<BrokenBody.bytes(before: point, of: bytes.count)])
            let body = ResponseBody(contentLength: bytes.count) { [self] writer in
                if part.readableBytes > 0 { try await writer.write(part) }
                try await breakOff(answer.fault)
            }
            return Response(status: .ok, headers: headers, body: body)
        default:
            let body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    private func streamed(_ answer: SimulatedAnswer, includesUsage: Bool, at now: Timestamp) -> Response {
        var frames = Self.frames(
            of: answer.completion, pieces: answer.pieces, includesUsage: includesUsage, at: now)
        switch answer.fault {
        case .malformed:
            frames = BrokenBody.frames(
                frames, malformedAt: settings.faultPoint, by: "data: {\"choices\":[{\n\n")
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
        var headers = Self.headers(contentType: "text/event-stream; charset=utf-8")
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

    private static func frames(
        of completion: Completion, pieces: [String], includesUsage: Bool, at now: Timestamp
    ) -> [StreamFrame] {
        func chunk(_ delta: JSON, _ reason: FinishReason? = nil) -> JSON {
            OpenAIDocuments.chunk(of: completion, created: now, delta: delta, finishReason: reason)
        }
        func frame(_ part: StreamFrame.Part, _ document: JSON) -> StreamFrame {
            StreamFrame(part, "data: \(document.text())\n\n")
        }
        var frames = [frame(.opening, chunk(["role": "assistant", "content": "", "refusal": nil]))]
        frames += pieces.map { frame(.content, chunk(["content": .string($0)])) }
        for (index, call) in completion.toolCalls.enumerated() {
            frames += Self.chunks(of: call, index: index).map { frame(.content, chunk($0)) }
        }
        frames.append(frame(.closing, chunk([:], completion.finishReason)))
        if includesUsage {
            frames.append(frame(.closing, OpenAIDocuments.usageChunk(of: completion, created: now)))
        }
        return frames + [StreamFrame(.closing, "data: [DONE]\n\n")]
    }

    /// The id and name first, then the arguments in pieces, as OpenAI sends them.
    private static func chunks(of call: ToolCall, index: Int) -> [JSON] {
        var start = call
        start.arguments = .invalid(raw: "")
        let text = Array(call.arguments.rawText)
        let pieces = stride(from: 0, to: text.count, by: 12).map {
            String(text[$0..<min($0 + 12, text.count)])
        }
        return [["tool_calls": [OpenAIDocuments.call(start, index: index)]]]
            + pieces.map { piece in
                ["tool_calls": [["index": .int(index), "function": ["arguments": .string(piece)]]]]
            }
    }
}
