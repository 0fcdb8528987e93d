import OrderedCollections
public import ParleyCore

/// Answers that were used again, and what they would have used and cost: money that is on no bill.
public struct ReusedUsage: Sendable, Hashable {
    public var answers: Int
    /// Those of identical rows of one batch.
    public var collapsed: Int
    public var usage: Usage
    /// Without the answers that have no price.
    public var saved: Picodollars
    public var unpriced: Int

    public init(
        answers: Int = 0, collapsed: Int = 0, usage: Usage = Usage(), saved: Picodollars = .zero,
        unpriced: Int = 0
    ) {
        self.answers = answers
        self.collapsed = collapsed
        self.usage = usage
        self.saved = saved
        self.unpriced = unpriced
    }

    /// Nil when nothing of it has a price.
    public var knownSaving: Picodollars? { unpriced > 0 && saved == .zero ? nil : saved }

    /// The saving in words: `$0.0213`, `unpriced`, or `$0.0213 + 3 unpriced`.
    public var savingText: String {
        BilledUsage(cost: saved, unpriced: unpriced).costText(MoneyText(for: [saved]))
    }

    /// `1,204 answers, 1,200 of them for identical rows; they would have cost $1.21`.
    public var text: String {
        let rows =
            switch collapsed {
            case 0: ""
            case answers: ", for identical rows"
            default: ", \(Figures.grouped(collapsed)) of them for identical rows"
            }
        let they = answers == 1 ? "it" : "they"
        return "\(Figures.count(answers, "answer"))\(rows); \(they) would have cost \(savingText)"
    }

    /// The member `reused` of JSON reports.
    public var json: JSON {
        [
            "answers": .int(answers), "collapsed": .int(collapsed), "usage": usage.json,
            "saved_usd": .init(knownSaving?.dollars), "unpriced": .int(unpriced),
        ]
    }
}
