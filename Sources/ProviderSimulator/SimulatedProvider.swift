public import ParleyCore
import Synchronization

/// The simulator as a provider in this process: no connection, the same answers as the server's.
///
/// It waits with the time source that it is given, so that a test with a clock of its own runs at once. A fault becomes
/// the failure that a wire client would make of it.
public final class SimulatedProvider: Provider {
    public let name: ProviderName
    private let engine: Mutex<SimulatorEngine>
    private let time: TimeSource
    /// The most pauses inside one streamed answer.
    private static let pausesMax = 16

    public init(
        name: ProviderName = "simulator", settings: SimulatorSettings = SimulatorSettings(),
        time: TimeSource = .system
    ) {
        self.name = name
        self.time = time
        engine = Mutex(SimulatorEngine(settings: settings))
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let answer = try answer(to: request)
        try await sleep(for: answer.latency, request)
        if answer.fault == .stall { try await sleep(for: stall, request) }
        if let fault = answer.fault { throw failure(for: fault, request) }
        return answer.completion
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let answer = try answer(to: request)
        try await sleep(for: answer.firstToken, request)
        if let fault = answer.fault, fault != .cut, fault != .stall { throw failure(for: fault, request) }
        let spoken = answer.fault == nil ? answer.pieces.count : (answer.pieces.count + 1) / 2
        let pause = (answer.latency - answer.firstToken) / max(1, min(answer.pieces.count, Self.pausesMax))
        let every = max(1, answer.pieces.count / Self.pausesMax)
        var text = ""
        for (index, piece) in answer.pieces.prefix(spoken).enumerated() {
            if index > 0, index % every == 0 { try await sleep(for: pause, request, partial: text) }
            text += piece
            await onEvent(.text(piece))
        }
        if let fault = answer.fault {
            if fault == .stall { try await sleep(for: stall, request, partial: text) }
            throw failure(for: fault, request, partial: text)
        }
        for event in answer.completion.events.filter({ !$0.isText }) { await onEvent(event) }
        return answer.completion
    }

    private var stall: Duration { engine.withLock { $0.settings.stall } }

    private func answer(to request: CompletionRequest) throws(Failure) -> SimulatedAnswer {
        switch engine.withLock({ $0.outcome(for: request, at: time.now) }) {
        case .answered(let answer): return answer
        case .refused(let refusal):
            var kind = Failure.Kind(status: refusal.status)
            if refusal.code == "context_length_exceeded" { kind = .contextTooLong }
            throw Failure(
                kind: kind, provider: name, model: request.model.model, status: refusal.status,
                code: refusal.code, message: refusal.message, retryAfter: refusal.retryAfter)
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

    /// What a wire client makes of the fault.
    private func failure(
        for fault: SimulatedFault, _ request: CompletionRequest, partial: String = ""
    ) -> Failure {
        switch fault {
        case .empty: failure(.emptyReply, "the answer holds neither text nor a tool call", request)
        case .cut:
            failure(.streamBroken, "the connection was closed in the middle of the answer", request, partial)
        case .stall: failure(.timedOut, "the answer stopped in the middle", request, partial)
        default: failure(.malformedReply, "the answer is not JSON", request)
        }
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
}
