import OrderedCollections
import ParleyCore

/// The calls that a question itself spells out, so that chains of tools can be played without a model.
///
/// ```
/// CALL clock {"zone": "UTC"}
/// CALL weather {"place": "Oslo"}
/// THEN
/// CALL notes {"text": "It rains."}
/// ```
///
/// Lines together are calls of one answer. A line `THEN` begins those of the next answer, which come when the results of the
/// first are in the conversation. Arguments are taken as they stand, broken ones too; without any they are `{}`. It
/// holds only where tools are offered, for names as well that are not among them.
struct ToolScript: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        var name: String
        var arguments: String
    }

    private static let callWord = "CALL"
    private static let nextWord = "THEN"

    private(set) var rounds: [[Line]]

    /// Nil for a question without a call.
    init?(_ question: String) {
        var rounds: [[Line]] = [[]]
        for line in question.split(whereSeparator: \.isNewline) {
            let words = line.trimmed.split(separator: " ", maxSplits: 2)
            if words == [Substring(Self.nextWord)] {
                rounds.append([])
            } else if words.count > 1, words[0] == Self.callWord {
                let arguments = words.count > 2 ? String(words[2].trimmed) : "{}"
                rounds[rounds.count - 1].append(Line(name: String(words[1]), arguments: arguments))
            }
        }
        self.rounds = rounds.filter { !$0.isEmpty }
        if self.rounds.isEmpty { return nil }
    }

    /// The calls that come next in a conversation; empty when all have been made.
    static func calls(for request: CompletionRequest, question: String, random: inout SeededRandom)
        -> [ToolCall]
    {
        guard !request.tools.isEmpty, request.toolChoice != .none, let script = ToolScript(question) else {
            return []
        }
        let since = request.messages.reversed().prefix { $0.role != .user }
        let made = since.count { $0.role == .assistant && !$0.toolCalls.isEmpty }
        guard made < script.rounds.count, made == 0 || request.messages.last?.role == .tool else { return [] }
        return script.rounds[made].map { line in
            ToolCall(
                id: "call_sim\(String(random.next(), radix: 36))", name: line.name,
                arguments: ToolCall.Arguments(reading: line.arguments))
        }
    }
}
