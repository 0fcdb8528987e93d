import ParleyCore
import Synchronization

/// Tells the observer of each request that is sent and of its end. The innermost shell: what it tells really went out.
struct ObservedProvider: Provider {
    let inner: any Provider
    let observer: any AttemptObserver
    let time: TimeSource

    var name: ProviderName { inner.name }

    func wireBody(of request: CompletionRequest) -> String? { inner.wireBody(of: request) }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await observed(request, FirstEvent()) { () async throws(Failure) -> Completion in
            try await inner.complete(request)
        }
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let first = FirstEvent()
        return try await observed(request, first) { () async throws(Failure) -> Completion in
            try await inner.stream(request) { event in
                first.note(time.now)
                await onEvent(event)
            }
        }
    }

    private func observed(
        _ request: CompletionRequest, _ first: FirstEvent,
        ask: () async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        if Task.isCancelled { throw Failure.cancelled(request, "stopped before it was sent") }
        let attempt = SentAttempt(request: request, sentAt: time.now, estimate: .of(request))
        try await observer.willSend(attempt)
        let result: Result<Completion, Failure>
        do throws(Failure) {
            result = .success(try await ask())
        } catch {
            result = .failure(error)
        }
        let isFailure = if case .failure = result { true } else { false }
        await observer.ended(
            attempt,
            with: AttemptOutcome(
                result: result, latency: max(.zero, time.now.since(attempt.sentAt)),
                firstEvent: first.at.map { max(.zero, $0.since(attempt.sentAt)) },
                wireBody: isFailure ? inner.wireBody(of: request) : nil))
        return try result.get()
    }
}

/// When the first event of a stream came.
private final class FirstEvent: Sendable {
    private let moment = Mutex<Timestamp?>(nil)

    var at: Timestamp? { moment.withLock { $0 } }

    func note(_ now: Timestamp) { moment.withLock { $0 = $0 ?? now } }
}

extension Failure {
    static func cancelled(_ request: CompletionRequest, _ message: String) -> Failure {
        Failure(
            kind: .cancelled, provider: request.model.provider, model: request.model.model, message: message)
    }
}
