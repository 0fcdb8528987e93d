import Conversations
import ParleyCore

/// What a person says to a ``ToolQuestion``.
enum ToolAnswer: Sendable, Hashable {
    case yes
    case no
    /// Yes, and to all later calls of this tool in the conversation.
    case always
    /// No, and the model is told why; nil = the reason has yet to be asked for.
    case explain(String?)
    /// The conversation is left; the call waits.
    case quit

    static let choices = "[y]es, [n]o, [a]lways in this conversation, [e]xplain a refusal, [q]uit"

    /// Reads a line; nil for anything else, nothing included: then one asks again. A reason may stand behind `e` or `explain`.
    init?(parsing line: String) {
        let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        let reason = words.count > 1 ? String(words[1].trimmed) : ""
        switch words.first?.lowercased() {
        case "y" where reason.isEmpty, "yes" where reason.isEmpty: self = .yes
        case "n" where reason.isEmpty, "no" where reason.isEmpty: self = .no
        case "a" where reason.isEmpty, "always" where reason.isEmpty: self = .always
        case "q" where reason.isEmpty, "quit" where reason.isEmpty: self = .quit
        case "e", "explain": self = .explain(reason.isEmpty ? nil : reason)
        default: return nil
        }
    }

    /// What becomes of the call.
    var decision: ToolDecision {
        switch self {
        case .yes, .always: .run
        case .no, .explain(nil): .refuse("The user did not allow this call, so nothing was run.")
        case .explain(let reason?):
            .refuse("The user did not allow this call, so nothing was run. The user says: \(reason)")
        case .quit: .wait
        }
    }
}
