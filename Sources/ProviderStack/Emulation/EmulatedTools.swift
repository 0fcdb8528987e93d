public import ParleyCore
import Synchronization

/// Gives tools to a model that has none: they are described in the prompt, and its calls are read from its text.
///
/// Around a provider whose quirk is `always` every request that concerns tools is put into words. With `on-refusal` it is sent as
/// it is first; when the provider answers that the model has no tools (``ToolRefusal``) the model is remembered and asked
/// again in words. With either, an answer to real tools that holds no call is looked through for marked calls
/// (``TextualCalls/Forms/marked``): servers that do not know a model's form leave them in the text.
///
/// In words, an answer is one JSON object. When streamed, its `assistant_response` is given on as it grows and the calls at
/// the end; an answer in another form comes whole at its end. Reasoning, usage and failures pass through. What was passed over
/// is told as a warning, which only a stream can carry.
public struct EmulatedTools: Provider {
    let provider: any Provider
    let emulation: ProviderEntry.ToolEmulation
    let memory: ToolSupportMemory

    public var name: ProviderName { provider.name }

    /// The provider with tools as its quirk wants them; itself where that is `never`.
    public static func wrapping(
        _ provider: any Provider, emulation: ProviderEntry.ToolEmulation,
        memory: ToolSupportMemory = ToolSupportMemory()
    ) -> any Provider {
        emulation == .never
            ? provider : EmulatedTools(provider: provider, emulation: emulation, memory: memory)
    }

    public func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await answer(
            request,
            natively: { request throws(Failure) in
                NativeAnswer(try await provider.complete(request), to: request).completion
            },
            inWords: { request throws(Failure) in
                try EmulatedAnswer(try await provider.complete(request.withToolsAsText()), to: request, name)
                    .completion
            })
    }

    public func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        try await answer(
            request,
            natively: { request throws(Failure) in try await streamNatively(request, onEvent: onEvent) },
            inWords: { request throws(Failure) in try await streamInWords(request, onEvent: onEvent) })
    }

    public func wireBody(of request: CompletionRequest) -> String? {
        provider.wireBody(of: isInWords(request) ? request.withToolsAsText() : request)
    }

    private func isInWords(_ request: CompletionRequest) -> Bool {
        guard request.concernsTools else { return false }
        return emulation == .always || memory.lacksTools(request.model)
    }

    private func answer(
        _ request: CompletionRequest,
        natively: (CompletionRequest) async throws(Failure) -> Completion,
        inWords: (CompletionRequest) async throws(Failure) -> Completion
    ) async throws(Failure) -> Completion {
        if isInWords(request) { return try await inWords(request) }
        do throws(Failure) {
            return try await natively(request)
        } catch {
            guard request.concernsTools, let refusal = ToolRefusal(error) else { throw error }
            if refusal == .certain { memory.note(request.model) }
            let completion = try await inWords(request)
            // That it worked in words shows what the reason was.
            memory.note(request.model)
            return completion
        }
    }
}

extension EmulatedTools {
    private func streamNatively(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        guard NativeAnswer.mayHoldCalls(to: request) else {
            return try await provider.stream(request, onEvent: onEvent)
        }
        let spoken = Mutex(SpokenWords(MarkFilter()))
        let completion = try await provider.stream(request) { event in
            for step in spoken.withLock({ $0.take(event) { $0.read($1) } }) { await onEvent(step) }
        }
        let answer = NativeAnswer(completion, to: request)
        let (final, events) = spoken.withLock { $0.end(answer.completion, newCalls: answer.calls) }
        for event in answer.warnings.map({ CompletionEvent.warning($0) }) + events { await onEvent(event) }
        return final
    }

    private func streamInWords(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        guard !request.tools.isEmpty else {
            return try await provider.stream(request.withToolsAsText(), onEvent: onEvent)
        }
        let spoken = Mutex(SpokenWords(ReplyTextReader()))
        let whole: Completion
        do throws(Failure) {
            whole = try await provider.stream(request.withToolsAsText()) { event in
                for step in spoken.withLock({ $0.take(event) { $0.read($1) } }) { await onEvent(step) }
            }
        } catch {
            var failure = error
            let words = spoken.withLock { $0.text }
            failure.partialText = words.isEmpty ? nil : words
            throw failure
        }
        let answer = try EmulatedAnswer(whole, to: request, name)
        let (final, events) = spoken.withLock { $0.end(answer.completion, newCalls: answer.calls) }
        for event in answer.warnings.map({ CompletionEvent.warning($0) }) + events { await onEvent(event) }
        return final
    }
}
