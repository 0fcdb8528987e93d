import OrderedCollections
public import ParleyCore

/// Reads a streamed answer of the Responses dialect, event by event, and judges it at its end.
///
/// A plain value over the data of server-sent events. What an event is stands in its data's `type`; the name on the
/// event's own line may be missing, and events of unknown types are passed over. The answer is whole only once
/// `response.completed` or `response.incomplete` has come, or `[DONE]`, which some servers send instead or besides.
public struct ResponsesStream: ServerSentReader {
    private let codec: ResponsesCodec
    private let request: CompletionRequest
    private var output = ResponsesOutput()
    /// What has been said around the output so far; at the end, the whole of it.
    private var response: JSON = [:]
    private var events = 0
    private var failure: Failure?

    /// Events that could not be read.
    public private(set) var malformedEvents = 0
    /// The end has come, or an error: nothing more is worth waiting for.
    public private(set) var isDone = false
    public var partialText: String? { output.text.isEmpty ? nil : output.text }
    /// The figures, once they have come.
    public var usage: Usage? { failure?.usage ?? codec.usage(from: response["usage"]) }

    public init(codec: ResponsesCodec, request: CompletionRequest) {
        self.codec = codec
        self.request = request
    }

    /// Reads the data of one server-sent event.
    public mutating func read(_ event: ServerSentEvents.Event) -> [CompletionEvent] {
        if isDone { return [] }
        if event.data.elementsEqual("[DONE]".utf8) {
            isDone = true
            return []
        }
        if let document = try? JSON(parsing: event.data), case .object = document {
            return read(document, named: event.name)
        }
        // Servers that forget the blank line between events make several documents one event.
        let lines = event.data.split(separator: 0x0A)
        guard lines.count > 1 else {
            malformedEvents += 1
            return [.warning("a piece of the answer could not be read and was skipped")]
        }
        return lines.flatMap { read(.init(name: event.name, data: Array($0))) }
    }

    private mutating func read(_ event: JSON, named name: String?) -> [CompletionEvent] {
        events += 1
        let type = event["type"]?.stringValue ?? name ?? ""
        switch type {
        case "response.completed", "response.done", "response.incomplete", "response.failed",
            "response.cancelled":
            return end(with: event["response"] ?? [:], event: event, type: type)
        case "error":
            fail(with: event)
            return []
        case "response.output_item.added":
            return output.open(event["item"] ?? .null, at: event["output_index"]?.intValue)
        case "response.output_item.done":
            return output.close(event["item"] ?? .null, at: event["output_index"]?.intValue)
        default: break
        }
        if let piece = event["delta"]?.stringValue { return add(piece, of: type, event: event) }
        switch type {
        case "response.output_text.done":
            return output.complete(event["text"]?.stringValue ?? "", of: .message, event: event)
        case "response.function_call_arguments.done":
            return output.complete(event["arguments"]?.stringValue ?? "", of: .call, event: event)
        default: break
        }
        if case .object? = event["response"] {
            response = event["response"] ?? [:]
        } else if event["object"]?.stringValue == "response" {
            // The whole answer as one event, from a server that does not stream after all.
            return end(with: event, event: event, type: type)
        } else if event["type"] == nil, let error = event["error"], !error.isNull {
            fail(with: event)
        }
        return []
    }

    private mutating func add(_ piece: String, of type: String, event: JSON) -> [CompletionEvent] {
        switch type {
        case "response.output_text.delta": return output.add(piece, to: .message, event: event)
        case "response.reasoning_summary_text.delta": return output.summarize(piece, event: event)
        case "response.reasoning_text.delta": return output.add(piece, to: .reasoning, event: event)
        case "response.function_call_arguments.delta": return output.add(piece, to: .call, event: event)
        case "response.refusal.delta":
            output.refuse(piece, event: event)
            return []
        default: return []
        }
    }

    private mutating func end(with last: JSON, event: JSON, type: String) -> [CompletionEvent] {
        isDone = true
        // The last word need not repeat the first's.
        if case .object(let members) = last {
            var merged = response.objectValue ?? [:]
            // Until this event it was in progress.
            merged["status"] = type == "response.incomplete" ? "incomplete" : nil
            merged.merge(members.filter { !$0.value.isNull }) { _, new in new }
            response = .object(merged)
        }
        if let refusal = codec.failure(in: response, for: request) {
            failure = refusal
        } else if type == "response.failed" {
            failure = codec.failure(for: event["error"] ?? .null, for: request)
        }
        if failure != nil {
            keep(event)
            return []
        }
        return output.settle(response["output"]?.arrayValue ?? [])
    }

    /// An error comes as a member of its own, or lies open in the event, whose `type` then is no code.
    private mutating func fail(with event: JSON) {
        var open = event.objectValue ?? [:]
        open["type"] = nil
        failure = codec.failure(
            for: event["error"] ?? .object(open), status: event["status"]?.intValue, for: request)
        keep(event)
        isDone = true
    }

    private mutating func keep(_ event: JSON) {
        let body = event.bytes().withUnsafeBufferPointer { codec.context.kept($0) }
        failure?.responseBody = body
    }

    /// Judges the answer once the stream has ended: the last events and the whole answer, or why there is none.
    ///
    /// `malformedLines` are those that the event parser has counted.
    public mutating func finish(malformedLines: Int) -> Result<StreamEnd, Failure> {
        if var failure {
            failure.partialText = partialText
            failure.usage = usage
            return .failure(failure)
        }
        if events == 0 {
            let malformed = malformedEvents + malformedLines
            return .failure(codec.context.nothing(malformed: malformed, isDone: isDone, for: request))
        }
        let answer = codec.answer(with: output, of: response)
        if !isDone {
            let reason = "the stream ended before the answer was finished"
            return .failure(codec.context.broken(reason, after: answer, for: request))
        }
        return Result { () throws(Failure) in
            StreamEnd(try codec.context.completion(from: answer, for: request))
        }
    }
}
