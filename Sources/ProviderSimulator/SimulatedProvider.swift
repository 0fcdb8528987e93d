public import ParleyCore
import Synchronization

/// The simulator as a provider in this process: no connection, the same answers as the server's.
///
/// It waits with the time source that it is given, so that a test with a clock of its own runs at once. A fault becomes
/// the failure that a wire client would make of it; the codes are OpenAI's.
public final class SimulatedProvider: Provider {
    public let name: ProviderName
    private let engine: Mutex<SimulatorEngine>
    private let settings: SimulatorSettings
    private let time: TimeSource
    /// The most pauses inside one streamed answer.
    private static let pausesMax = 16

    public init(
        name: ProviderName = "simulator", settings: SimulatorSettings = SimulatorSettings(),
        time: TimeSource = .system
    ) {
        self.name = name
        self.settings = settings
        self.time = time
        engine = Mutex(SimulatorEngine(settings: settings))
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let answer = try answer(to: request)
        try await sleep(for: answer.latency, request)
        guard let fault = answer.fault else { return answer.completion }
        if fault == .stall { try await sleep(for: settings.stall, request) }
        throw failure(for: fault, answer, request)
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let answer = try answer(to: request)
        try await sleep(for: answer.firstToken, request)
        let spoken = spoken(of: answer)
        let events = answer.completion.events
        if spoken > 0 || answer.fault == nil {
            for event in events where event.isReasoning { await onEvent(event) }
        }
        let pause = (answer.latency - answer.firstToken) / max(1, min(answer.pieces.count, Self.pausesMax))
        let every = max(1, answer.pieces.count / Self.pausesMax)
        var text = ""
        for (index, piece) in answer.pieces.prefix(spoken).enumerated() {
            if index > 0, index % every == 0 { try await sleep(for: pause, request, partial: text) }
            text += piece
            await onEvent(.text(piece))
        }
        if let fault = answer.fault {
            if fault == .stall { try await sleep(for: settings.stall, request, partial: text) }
            throw failure(for: fault, answer, request, streamed: text)
        }
        for event in events where !event.isText && !event.isReasoning { await onEvent(event) }
        return answer.completion
    }

    /// How many pieces of a streamed answer come before its fault.
    private func spoken(of answer: SimulatedAnswer) -> Int {
        guard let fault = answer.fault else { return answer.pieces.count }
        guard fault.strikesBody else { return 0 }
        return switch settings.faultPoint {
        case .first: 0
        case .middle: answer.pieces.count / 2
        case .last: answer.pieces.count
        }
    }

    private func answer(to request: CompletionRequest) throws(Failure) -> SimulatedAnswer {
        switch outcome(for: request) {
        case .answered(let answer): return answer
        case .refused(let refusal): throw failure(for: refusal, request)
        }
    }

    /// The answer is written before the lock is taken, which is held for a moment only.
    private func outcome(for request: CompletionRequest) -> SimulatedOutcome {
        do throws(SimulatedRefusal) {
            let prepared = try PreparedQuestion(SimulatedQuestion(marking: request), settings: settings)
            return engine.withLock { $0.outcome(for: prepared, at: time.now) }
        } catch {
            return .refused(error)
        }
    }

    private func sleep(
        for duration: Duration, _ request: CompletionRequest, partial: String = ""
    ) async throws(Failure) {
        do {
            if duration > .zero { try await time.sleep(for: duration) }
            try Task.checkCancellation()
        } catch {
            throw failure(.cancelled, "the request was cancelled", request, partial)
        }
    }
}

extension SimulatedProvider {
    private func failure(for refusal: SimulatedRefusal, _ request: CompletionRequest) -> Failure {
        var failure = failure(refusal.kind, OpenAIErrors.message(for: refusal), request)
        failure.retryAfter = refusal.retryAfter
        if refusal.reason != .hangUp {
            failure.status = refusal.status
            failure.code = OpenAIErrors.code(of: refusal)
        }
        return failure
    }

    /// What a wire client makes of a fault in an answer. `streamed` is the text that has come of a stream; nil for a whole
    /// answer, of which nothing is known before its end.
    private func failure(
        for fault: SimulatedFault, _ answer: SimulatedAnswer, _ request: CompletionRequest,
        streamed: String? = nil
    ) -> Failure {
        let partial = streamed ?? ""
        var failure: Failure
        switch fault {
        case .empty:
            failure = self.failure(
                .emptyReply, "the answer holds neither text nor a tool call", request)
            failure.usage = answer.completion.usage
        case .filter:
            failure = self.failure(
                .contentRefused, "the provider's filter stopped the answer before its first word", request)
            failure.code = "content_filter"
            failure.usage = answer.completion.usage
        case .length:
            failure = self.failure(
                .rejected, "the tokens ran out before any visible text: increase max_tokens", request)
            failure.code = "length"
            failure.usage = answer.completion.usage
        case .stall:
            failure = self.failure(.timedOut, "the answer stopped in the middle", request, partial)
        case .malformed where streamed == nil || settings.faultPoint == .first:
            failure = self.failure(.malformedReply, "the answer is not JSON", request)
        default:
            failure = self.failure(
                .streamBroken, "the connection was closed in the middle of the answer", request, partial)
        }
        let bodyHasCome = streamed != nil || fault.takesText || fault == .malformed
        if bodyHasCome { failure.status = 200 }
        if fault == .cut || fault == .stall, streamed != nil, settings.faultPoint == .last {
            failure.usage = answer.completion.usage
        }
        return failure
    }

    private func failure(
        _ kind: Failure.Kind, _ message: String, _ request: CompletionRequest, _ partial: String = ""
    ) -> Failure {
        Failure(
            kind: kind, provider: name, model: request.model.model, message: message,
            partialText: partial.isEmpty ? nil : partial)
    }
}

extension CompletionEvent {
    var isText: Bool { if case .text = self { true } else { false } }
    var isReasoning: Bool { if case .reasoning = self { true } else { false } }
}
