import ParleyCore
import Synchronization

/// A provider around another: it decides when the inner one is asked, and what its failure means.
///
/// Both ways of asking go through the one rule, ``guarded(_:_:ask:)``.
protocol ProviderShell: Provider {
    var inner: any Provider { get }

    /// - Parameters:
    ///   - hearing: what the consumer has heard of the answer; a whole answer is heard at its end only.
    ///   - ask: asks a provider in the way that the caller wants.
    func guarded(
        _ request: CompletionRequest, _ hearing: Hearing,
        ask: (any Provider, CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion
}

extension ProviderShell {
    var name: ProviderName { inner.name }

    func wireBody(of request: CompletionRequest) -> String? { inner.wireBody(of: request) }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await guarded(request, Hearing()) { (provider, request) async throws(Failure) -> Completion in
            try await provider.complete(request)
        }
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let hearing = Hearing()
        return try await guarded(request, hearing) {
            (provider, request) async throws(Failure) -> Completion in
            try await provider.stream(request) { event in
                for event in hearing.hear(event) { await onEvent(event) }
            }
        }
    }
}

/// What has reached the consumer of a stream.
final class Hearing: Sendable {
    private struct State: Sendable {
        var text = ""
        var hasSpoken = false
        var hasThought = false
        var warning: String?
    }

    private let state = Mutex(State())

    /// Whether text, or a part of a tool call, has come: from then on the answer cannot be begun anew.
    var hasSpoken: Bool { state.withLock { $0.hasSpoken } }

    /// Notes an event that is about to be passed on; gives the events that are to be passed on.
    func hear(_ event: CompletionEvent) -> [CompletionEvent] {
        state.withLock { state in
            switch event {
            case .text(let piece):
                state.text += piece
                state.hasSpoken = state.hasSpoken || !piece.isEmpty
            case .toolCallStarted, .toolArguments, .toolCallCompleted: state.hasSpoken = true
            case .reasoning: state.hasThought = true
            case .usage, .finished, .warning: break
            }
            defer { state.warning = nil }
            return (state.warning.map { [.warning($0)] } ?? []) + [event]
        }
    }

    /// The answer begins anew, which a consumer who has heard the model think must know.
    func beginAnew() {
        state.withLock { state in
            if state.hasThought {
                state.warning = "the answer broke off before its first word and begins anew"
            }
            state.hasThought = false
        }
    }

    /// The failure with the text that the consumer has, which marks it as one that nobody mends silently.
    func marked(_ failure: Failure) -> Failure {
        var failure = failure
        let text = state.withLock { $0.text }
        if failure.partialText == nil, !text.isEmpty { failure.partialText = text }
        return failure
    }
}
