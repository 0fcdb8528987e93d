import ConversationStore
import Conversations
import ParleyCore
import ProviderStack
import UsageReport

/// What is said below an answer: that something is missing, and what helps.
enum ExchangeText {
    /// - Parameter isConversation: whether there is a prompt at which slash commands can be written.
    static func lines(_ exchange: Exchange, isConversation: Bool) -> [String] {
        let resume =
            isConversation ? "/resume goes on with it" : "`parley resume \(exchange.session)` goes on with it"
        let again = isConversation ? "/resume asks again" : "`parley resume \(exchange.session)` asks again"
        let hasPart = exchange.answer.answer?.isEmpty == false
        switch exchange.outcome {
        case .answered: return []
        case .failed(let failure):
            return [
                "\(failure)",
                hasPart ? "What has come is kept; \(resume)." : "The question is kept; \(again).",
            ]
        case .interrupted:
            return [
                hasPart
                    ? "Stopped; what has come is kept; \(resume)."
                    : "Stopped; the question is kept; \(again)."
            ]
        case .waitsForTools, .roundsUsedUp:
            let open = exchange.openCalls.map { call in
                "call \(call.id): \(VisibleText.line(call.call.name, length: 64)) \(VisibleText.line(call.call.arguments.rawText, length: 100))"
            }
            return ["\(Figures.count(exchange.openCalls.count, "tool call")) without a result:"] + open + [
                "`parley tool-result CALL --content …` answers one; then \(resume)."
            ]
        }
    }
}

extension Farewell {
    /// Counts what an exchange came to.
    mutating func add(_ exchange: Exchange) {
        if case .answered = exchange.outcome { answers += 1 }
        usage = usage + exchange.bill.usage
        cost += exchange.bill.cost
        unpriced += exchange.bill.unpriced
        unknown += exchange.bill.untold
        session = exchange.session
        isSimulated = isSimulated || exchange.answer.model?.hasPrefix("\(ProviderName.simulator)/") == true
        missing = exchange.missing
    }
}

extension Farewell {
    /// All that was asked in a conversation so far.
    init(_ spending: SessionSpending) {
        self.init()
        questions = spending.questions
        answers = spending.answers
        usage = spending.usage
        cost = spending.cost
        unpriced = spending.unpriced
        unknown = spending.untold
    }
}

extension Exchange {
    /// For the farewell; nil when nothing is missing.
    fileprivate var missing: String? {
        switch outcome {
        case .answered: nil
        case .waitsForTools, .roundsUsedUp: "\(Figures.count(openCalls.count, "tool call")) without a result"
        case .failed, .interrupted:
            answer.answer?.isEmpty == false
                ? "the last answer broke off; `parley resume \(session)` goes on with it"
                : "the last question has no answer yet; `parley resume \(session)` asks it again"
        }
    }
}
