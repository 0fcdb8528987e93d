import BatchExecutor
import OrderedCollections
import ParleyCore
import UsageReport

/// What keeps prompts from beginning alike, in sentences: one for each thing, and how it could be put right.
enum PrefixAdviceText {
    /// More is not said.
    private static let linesMax = 5

    static func lines(_ advice: PrefixAdvice) -> [String] {
        let lines = (advice.latePart.map { [$0.finding, $0.remedy] } ?? []) + advice.marks.map(\.sentence)
        return Array(lines.prefix(linesMax))
    }
}

extension PrefixAdvice.LatePart {
    fileprivate var finding: String {
        "{{\(columns[0])}} stands at line \(place.line), column \(place.column) of the prompt template, before about "
            + "\(Figures.count(tokens, "token")) that are the same in every row; a cache keeps nothing after a variable."
    }

    fileprivate var remedy: String {
        let variables = columns.map { "<\($0)>{{\($0)}}</\($0)>" }.joined(separator: " ")
        let layout = "In the system prompt or at the front (\"\(opening)\", then \(variables))"
        guard let saving else {
            return "\(layout) they could be cached; \(model) is unpriced, so nobody knows what that saves."
        }
        return "\(layout) they would make these \(Figures.count(jobs, "job")) up to "
            + "\(MoneyText.single(saving)) cheaper at the price that \(model) has for cached tokens."
    }
}

extension PrefixAdvice.Mark {
    fileprivate var sentence: String {
        let what =
            switch stamp.kind {
            case .time: "a time"
            case .date: "a date"
            case .identifier: "what looks like a random id"
            }
        let place = "'\(stamp.words)' (line \(stamp.place.line), column \(stamp.place.column))"
        let sameForAll =
            "it is the same for all rows of this batch; for a batch that has another one, a cache keeps only what stands "
            + "before it."
        switch source {
        case .system: return "The system prompt has \(what) in it, \(place): \(sameForAll)"
        case .template: return "The prompt template begins with \(what), \(place): \(sameForAll)"
        case .rowSystems:
            return
                "The rows' system prompts differ only in \(what), such as \(place): a cache keeps nothing of the "
                + "\(Figures.count(stamp.tokensAfter, "token")) or so after it. It belongs at the end of the prompt."
        }
    }
}

extension JSON {
    /// The object with one member more: the warnings, an empty array where there are none.
    func warning(_ lines: [String]) -> JSON {
        var members = objectValue ?? [:]
        members["warnings"] = .array(lines.map { .string($0) })
        return .object(members)
    }
}
