import BatchExecutor
import ParleyCore
import UsageReport

/// What the panel says of money: what the run has cost, of which budget, and what it may come to.
struct MoneyLine {
    /// `cost $0.0123`, or `cost $0.0123 of $5.00`; with what earlier runs spent, where that counts as well.
    let cost: String
    let shortCost: String
    /// `about $0.021 to $0.023 at the end`.
    var projection: String?
    var shortProjection: String?
    /// That the budget may not do.
    var warning: String?

    init(_ progress: RunProgress) {
        let billed = BilledUsage(cost: progress.cost, unpriced: progress.unpriced)
        let amount = billed.costText(MoneyText(for: [progress.cost]))
        shortCost = amount
        if let budget = progress.budget {
            let limit = "of \(MoneyText.single(budget))"
            let spent = MoneyText.single(progress.spent)
            cost =
                Self.isShared(progress)
                ? "cost \(amount), \(spent) \(limit) spent in all" : "cost \(amount) \(limit)"
        } else {
            cost = "cost \(amount)"
        }
        guard let range = progress.projectedCost else { return }
        projection = "\(RangeText.money(range)) at the end"
        shortProjection = "\(RangeText.shortMoney(range)) at the end"
        guard let budget = progress.budget else { return }
        let left = budget - (progress.spent - progress.cost)
        if range.lowerBound > left {
            warning = "more than the budget"
        } else if range.upperBound > left {
            warning = "perhaps more than the budget"
        }
    }

    /// Whether others have spent of the budget as well: earlier runs, or processes at work now. What is on the way between
    /// two counts is not enough to say so.
    private static func isShared(_ progress: RunProgress) -> Bool {
        let others = progress.spent - progress.cost
        return progress.spentBefore > .zero
            || progress.done >= doneMin && others.value > progress.cost.value / 10
    }

    private static let doneMin = 10
}
