/// Whoever can answer a request: a wire client, a policy around one, the simulator.
///
/// The two ways of asking are each given by the other, so a provider implements the one it is good at, or both.
/// Cancelling the task ends the exchange; it is then thrown as a ``Failure`` of kind `cancelled`.
public protocol Provider: Sendable {
    var name: ProviderName { get }

    /// The whole answer.
    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion

    /// Gives each event to `onEvent` as it arrives, and the whole answer at the end.
    ///
    /// Events come one after the other. A failure after the first text carries what had come as
    /// ``Failure/partialText``.
    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion

    /// The request as it would be sent, without any key, to be kept when it fails; nil where nothing is sent.
    func wireBody(of request: CompletionRequest) -> String?
}

extension Provider {
    public func wireBody(of request: CompletionRequest) -> String? { nil }

    /// Collects the stream.
    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await stream(request) { _ in }
    }

    /// Turns the whole answer into the events that it would have come in.
    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let completion = try await complete(request)
        for event in completion.events { await onEvent(event) }
        return completion
    }
}

extension Completion {
    /// The answer as a stream would have brought it.
    public var events: [CompletionEvent] {
        var events: [CompletionEvent] = []
        if let reasoning, !reasoning.isEmpty { events.append(.reasoning(reasoning)) }
        if !text.isEmpty { events.append(.text(text)) }
        for call in toolCalls {
            events.append(.toolCallStarted(id: call.id, name: call.name))
            events.append(.toolArguments(id: call.id, fragment: call.arguments.rawText))
            events.append(.toolCallCompleted(call))
        }
        if let usage { events.append(.usage(usage)) }
        events.append(.finished(finishReason))
        return events
    }
}
