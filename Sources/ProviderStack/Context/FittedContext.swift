public import ParleyCore

/// Sends a provider only as much of a long conversation as its model takes.
///
/// The limit comes from outside, from the price table say; a model whose limit nobody knows gets everything. What was left
/// out is told as a warning before the answer, which only a stream can carry; ``ContextBudget/fit(_:by:)`` tells it to
/// whoever asks. A request that does not fit even so is sent all the same: a count is mostly an estimate, and
/// the provider's own "too long" makes the next model be asked.
public struct FittedContext: Provider {
    private let provider: any Provider
    private let counter: any TokenCounter
    private let recentMessages: Int
    private let limit: @Sendable (ModelName) -> Int?

    public var name: ProviderName { provider.name }

    public init(
        _ provider: any Provider, counter: any TokenCounter = RoughTokenCounter(),
        recentMessages: Int = ContextBudget.recentMessagesDefault,
        limit: @escaping @Sendable (ModelName) -> Int?
    ) {
        self.provider = provider
        self.counter = counter
        self.recentMessages = recentMessages
        self.limit = limit
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await provider.complete(fitted(request).request)
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let (request, notice) = fitted(request)
        if let notice { await onEvent(.warning(notice)) }
        return try await provider.stream(request, onEvent: onEvent)
    }

    public func wireBody(of request: CompletionRequest) -> String? {
        provider.wireBody(of: fitted(request).request)
    }

    private func fitted(_ request: CompletionRequest) -> (request: CompletionRequest, notice: String?) {
        guard let tokensMax = limit(request.model), tokensMax > 0 else {
            return (request.withoutGhosts, nil)
        }
        let fit = ContextBudget(tokensMax: tokensMax, recentMessages: recentMessages).fit(
            request, by: counter)
        return (fit.request, fit.notice)
    }
}
