import ParleyCore
import Synchronization

/// Answers with what it was told to, one line of the script a request, and keeps what it was asked.
final class ScriptedProvider: Provider {
    enum Line: Sendable {
        case answer(Completion)
        /// Events as a stream brings them; the whole answer is what they come to.
        case events([CompletionEvent])
        /// Fails, after these events where it is asked for a stream.
        case failure(Failure, after: [CompletionEvent] = [])
    }

    let name: ProviderName = "scripted"
    private let script: Mutex<[Line]>
    private let asked = Mutex<[CompletionRequest]>([])

    init(_ script: [Line]) { self.script = Mutex(script) }

    var requests: [CompletionRequest] { asked.withLock { $0 } }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        switch next(request) {
        case .answer(let completion): return completion
        case .events(let events): return completion(of: events)
        case .failure(let failure, _): throw failure
        }
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        switch next(request) {
        case .answer(let completion):
            for event in completion.events { await onEvent(event) }
            return completion
        case .events(let events):
            for event in events { await onEvent(event) }
            return completion(of: events)
        case .failure(let failure, let events):
            for event in events { await onEvent(event) }
            throw failure
        }
    }

    /// The messages and tools, so that a test sees which request was meant.
    func wireBody(of request: CompletionRequest) -> String? {
        "\(request.system ?? "")|\(request.messages.map(\.content).joined(separator: "|"))|\(request.tools.count)"
    }

    private func next(_ request: CompletionRequest) -> Line {
        asked.withLock { $0.append(request) }
        return script.withLock { $0.removeFirst() }
    }

    private func completion(of events: [CompletionEvent]) -> Completion {
        var heard = CompletionAccumulator()
        for event in events { heard.add(event) }
        return heard.completion(model: "scripted", requestID: nil)
    }
}

extension Completion {
    static func fixture(
        _ text: String, reasoning: String? = nil, toolCalls: [ToolCall] = [],
        finishReason: FinishReason = .stop, usage: Usage? = nil
    ) -> Completion {
        Completion(
            text: text, reasoning: reasoning, toolCalls: toolCalls, finishReason: finishReason,
            model: "scripted", usage: usage, requestID: "r-1")
    }
}

extension Provider {
    /// The streamed answer with all its events.
    func heard(
        _ request: CompletionRequest
    ) async -> (events: [CompletionEvent], result: Result<Completion, Failure>) {
        let events = Mutex<[CompletionEvent]>([])
        do throws(Failure) {
            let completion = try await stream(request) { event in events.withLock { $0.append(event) } }
            return (events.withLock { $0 }, .success(completion))
        } catch {
            return (events.withLock { $0 }, .failure(error))
        }
    }
}
