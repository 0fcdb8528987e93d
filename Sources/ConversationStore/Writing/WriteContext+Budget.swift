import ParleyCore

extension WriteContext {
    /// As ``open(_:)``, if the request's worst case fits under the budget; else nothing is written.
    ///
    /// Verdict and reservation are one step in one transaction, and a database has one writer at a time: so no two
    /// requests, of whatever process, are granted the same money.
    func open(_ opening: AttemptOpening, within budget: Budget) throws -> BudgetedOpening {
        let before = try standing(of: budget)
        switch before.verdict(on: opening.worstCase ?? .zero, limit: budget.limit) {
        case .granted: return .granted(try open(opening), try standing(of: budget))
        case .wait: return .wait(before)
        case .refused: return .refused(before)
        }
    }

    func standing(of budget: Budget) throws(SQLiteFailure) -> BudgetStanding {
        let sums = try rollups.spending.sums(of: budget.batches, in: connection)
        words += 1
        return BudgetStanding(spent: sums.spent, held: sums.held, inAir: sums.inAir, number: words)
    }

    /// What was reserved for an attempt that has no end yet, and whether it counts as under way.
    struct Reservation {
        var amount: Picodollars
        var isInAir: Bool
    }

    /// Puts what may yet be charged in the place of what was reserved.
    func release(_ reservation: Reservation, of batch: BatchID, keeping kept: Picodollars?) {
        guard reservation.amount > .zero || kept != nil else { return }
        var change = SpendSums.Sums(held: kept ?? .zero)
        if reservation.isInAir {
            change.inAir -= reservation.amount
        } else {
            change.held -= reservation.amount
        }
        rollups.spending.add(change, to: batch)
    }
}
