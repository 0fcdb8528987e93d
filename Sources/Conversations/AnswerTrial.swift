import ParleyCore

/// By what an answer is judged.
struct AnswerTrial: Sendable {
    /// Nil where any answer will do.
    var schema: JSONSchema?

    /// What is wrong with the answer; nil when it will do. A wish that tools be run is no answer yet.
    func flaw(of completion: Completion) -> InvalidAnswer? {
        guard let schema, completion.toolCalls.isEmpty else { return nil }
        let answer = StructuredAnswer(completion.text, by: schema, finishReason: completion.finishReason)
        guard case .invalid(let flaw) = answer else { return nil }
        return flaw
    }
}
