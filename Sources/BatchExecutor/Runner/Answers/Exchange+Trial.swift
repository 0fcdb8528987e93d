import ConversationStore
import ParleyCore
import ProviderStack

extension Exchange {
    /// What an answer that does not follow its schema fails with; nil for one that does.
    ///
    /// It was paid for, so its usage goes along, and it stays readable as the text that came. The code tells what cut it
    /// off, in the word of a finish reason.
    func invalidAnswer(in completion: Completion) -> Failure? {
        guard let flaw = trial.flaw(of: completion) else { return nil }
        return Failure(
            kind: .invalidAnswer, provider: request.model.provider, model: request.model.model,
            code: flaw.cut == nil ? nil : completion.finishReason.word, message: flaw.message,
            partialText: completion.text, usage: completion.usage)
    }
}

extension JobFate {
    /// The step after an answer that does not follow its schema: the same model is asked again at once, and told what is wrong.
    ///
    /// An answer that was cut off would be cut off again. Another model is not asked: the chain is for providers that
    /// cannot answer, and whoever wants a better one for such a job says so with a better model.
    ///
    /// - Parameters:
    ///   - attempts: the requests sent for this job, the present one included.
    ///   - invalid: the answers of this round that did not follow the schema, the present one included.
    func next(
        afterInvalid failure: Failure, attempts: Int, invalid: Int, candidate: Int, at now: Timestamp
    ) -> Settlement.NextStep {
        let wasCut = failure.code != nil
        guard !wasCut, invalid <= schemaRetriesMax, attempts < attemptsMax else { return .fail }
        return .retry(at: now, candidate: candidate)
    }
}
