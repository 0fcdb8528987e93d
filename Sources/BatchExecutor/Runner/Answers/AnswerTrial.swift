import ConversationStore
import ParleyCore

/// By what the answer to a job's next request is judged, and how often it was found wrong before.
struct AnswerTrial: Sendable {
    /// Nil where any answer will do.
    var schema: JSONSchema?
    /// Answers of this round that did not follow the schema.
    var invalid = 0

    /// What is wrong with the answer; nil when it will do.
    ///
    /// A wish that tools be run is no answer yet, so it follows no schema.
    func flaw(of completion: Completion) -> InvalidAnswer? {
        guard let schema, completion.toolCalls.isEmpty else { return nil }
        let answer = StructuredAnswer(completion.text, by: schema, finishReason: completion.finishReason)
        guard case .invalid(let flaw) = answer else { return nil }
        return flaw
    }
}

extension RunContext {
    /// How the answer to the job will be judged. If answers of this round were found wrong, the request goes on with
    /// them: each one, and what is wrong with it.
    ///
    /// What was wrong is found anew from the answers that the store holds. So a job is asked again in the same words, under
    /// the same idempotency key, whoever asks it and however often.
    func trial(
        of job: LeasedJob, _ plan: BatchPlan, correcting request: inout CompletionRequest
    ) async throws -> AnswerTrial {
        guard let schema = schemas.schema(for: request, of: plan.batch) else { return AnswerTrial() }
        guard let session = job.session else { return AnswerTrial(schema: schema) }
        let answers = try await store.invalidAnswers(of: session, keyPrefix: roundKey(of: job))
        for answer in answers {
            guard case .invalid(let flaw) = StructuredAnswer(answer, by: schema) else { continue }
            request.correct(answer, flaw)
        }
        return AnswerTrial(schema: schema, invalid: answers.count)
    }

    /// What the idempotency keys of a job's requests begin with, for as long as the user does not ask for it anew.
    func roundKey(of job: LeasedJob) -> String { "parley-\(store.identity)-\(job.lease.job)-\(job.round)-" }
}
