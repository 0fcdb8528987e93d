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
        var bytes = OpenAIDocuments.whole(answer.completion, created: now).bytes()
        let headers = Self.headers(contentType: "application/json")
        switch answer.fault {
        case .malformed:
            bytes.removeLast(bytes.count / 3)
        case .cut, .stall:
            let half = ByteBuffer(bytes: bytes[..<(bytes.count / 2)])
            let body = ResponseBody(contentLength: bytes.count) { [self] writer in
                try await writer.write(half)
                if answer.fault == .stall { try await pause(for: settings.stall) }
                throw ConnectionCut()
            }
            return Response(status: .ok, headers: headers, body: body)
        default:
            break
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func streamed(_ answer: SimulatedAnswer, includesUsage: Bool, at now: Timestamp) -> Response {
        var events = Self.events(
            of: answer.completion, pieces: answer.pieces, includesUsage: includesUsage, at: now)
        if answer.fault == .malformed { events = events.map { _ in "data: {\"choices\":[{\n\n" } }
        let isBroken = answer.fault == .cut || answer.fault == .stall
        let sent = isBroken ? events.prefix((events.count + 1) / 2) : events[...]
        let groups = Self.groups(of: sent, at: answer.latency == answer.firstToken ? 1 : Self.pausesMax)
        let gap = (answer.latency - answer.firstToken) / max(1, groups.count)
        let body = ResponseBody { [self] writer in
            for (index, group) in groups.enumerated() {
                if index > 0 { try await pause(for: gap) }
                try await writer.write(ByteBuffer(string: group))
            }
            if answer.fault == .stall { try await pause(for: settings.stall) }
            if isBroken { throw ConnectionCut() }
            try await writer.finish(nil)
        }
        var headers = Self.headers(contentType: "text/event-stream; charset=utf-8")
        headers[.cacheControl] = "no-cache"
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Joins neighbours, so that at most `count` writes remain.
    private static func groups(of events: ArraySlice<String>, at count: Int) -> [String] {
        let size = max(1, (events.count + count - 1) / count)
        return stride(from: events.startIndex, to: events.endIndex, by: size).map {
            events[$0..<min($0 + size, events.endIndex)].joined()
        }
    }

    private static func events(
        of completion: Completion, pieces: [String], includesUsage: Bool, at now: Timestamp
    ) -> [String] {
        func chunk(_ delta: JSON, _ reason: FinishReason? = nil) -> JSON {
            OpenAIDocuments.chunk(of: completion, created: now, delta: delta, finishReason: reason)
        }
        var chunks = [chunk(["role": "assistant", "content": "", "refusal": nil])]
        chunks += pieces.map { chunk(["content": .string($0)]) }
        for (index, call) in completion.toolCalls.enumerated() {
            chunks += Self.chunks(of: call, index: index).map { chunk($0) }
        }
        chunks.append(chunk([:], completion.finishReason))
        if includesUsage { chunks.append(OpenAIDocuments.usageChunk(of: completion, created: now)) }
        return chunks.map { "data: \($0.text())\n\n" } + ["data: [DONE]\n\n"]
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
