import ConversationStore
import ParleyCore

/// What an exchange comes to while its answers come in.
struct ExchangeSum: Sendable {
    let session: SessionRecord
    private(set) var bill = Bill()
    private var requests = 0
    private var answeredBy: ModelName?
    private var part: AnswerPart?
    private var completion: Completion?
    private var object: JSON?

    init(session: SessionRecord) { self.session = session }

    /// Those that the last answer asks for.
    var toolCalls: [ToolCall] { completion?.toolCalls ?? [] }

    mutating func add(_ ledger: TurnLedger) {
        bill = bill + ledger.bill
        requests += ledger.requests
        answeredBy = ledger.answeredBy ?? answeredBy
    }

    /// With a schema its object is shown, too.
    mutating func take(_ completion: Completion, schema: JSONSchema?) {
        self.completion = completion
        part = nil
        object = schema.flatMap {
            StructuredAnswer(completion.text, by: $0, finishReason: completion.finishReason).value
        }
    }

    /// The last message of the conversation, if it is what came of a broken answer.
    mutating func takePart(_ message: StoredMessage?) {
        completion = nil
        object = nil
        part = message.flatMap { message in
            message.isPartial
                ? AnswerPart(text: message.message.content, reasoning: message.message.reasoning ?? "") : nil
        }
    }

    /// So far; as of a whole answer.
    var answer: Answer { answer(state: JobState.done.rawValue, error: nil) }

    func ended(_ outcome: Exchange.Outcome, openCalls: [StoredCall]) -> Exchange {
        let answer: Answer
        switch outcome {
        case .answered: answer = self.answer
        case .waitsForTools, .roundsUsedUp, .interrupted:
            answer = self.answer(state: SessionStatus.interrupted.rawValue, error: nil)
        case .failed(let failure):
            answer = self.answer(
                state: JobState.failed.rawValue,
                error: Answer.Problem(
                    kind: failure.kind.rawValue, message: failure.message, status: failure.status))
        }
        return Exchange(
            session: session.id, outcome: outcome, answer: answer, openCalls: openCalls, bill: bill)
    }

    private func answer(state: String, error: Answer.Problem?) -> Answer {
        Answer(
            customID: "session-\(session.id)", state: state, answer: completion?.text ?? part?.text,
            object: object,
            reasoning: completion?.reasoning ?? part.flatMap { $0.reasoning.isEmpty ? nil : $0.reasoning },
            toolCalls: toolCalls, model: completion == nil ? nil : answeredBy?.description,
            finishReason: completion?.finishReason.word,
            usage: bill.requests > 0 ? bill.usage : nil, cost: bill.requests > 0 ? bill.exactCost : nil,
            error: error, attempts: requests, session: session.id.number)
    }
}
