import ConversationStore
import Logging
import ParleyCore
import ProviderStack

/// What a request has to do with money.
extension Exchange {
    /// The most that the request can cost; zero where nobody bills it. Nil when nobody can say although there is a budget:
    /// then the job was given back and the run ends.
    func worstCase(_ priced: StoredPrice?) async throws -> Picodollars? {
        if let priced {
            return run.prices.worstCase(
                of: request, at: priced.price,
                isLimited: run.providers.limitsAnswers(of: request.model.provider))
        }
        guard run.wall.budget != nil, !run.providers.billsNobody(request.model.provider) else { return .zero }
        run.halt.stop(
            .providers, RunError.budgetWithoutPrice(request.model).description, at: run.time.now)
        try await giveBack()
        return nil
    }

    /// Waits until the budget seems to have room; false when the job was given back because it never will.
    func enterBudget(_ worstCase: Picodollars) async throws -> Bool {
        switch await run.wall.enter(worstCase) {
        case .granted: return true
        case .refused(let standing): try await stopForBudget(worstCase, standing)
        case .stopped: try await giveBack()
        }
        return false
    }

    /// Writes the request down, if there is room for it in the budget.
    func open(_ worstCase: Picodollars) async throws -> BudgetedOpening {
        let opening = opening(worstCase)
        guard let budget = run.wall.budget else {
            return .granted(try await run.store.open(opening), BudgetStanding())
        }
        do {
            let opened = try await run.store.open(opening, within: budget)
            run.wall.leave(worstCase, word: opened.standing)
            return opened
        } catch {
            run.wall.leave(worstCase)
            throw error
        }
    }

    /// The next job could pass the budget: the run ends, and says how it stands.
    func stopForBudget(_ worstCase: Picodollars, _ standing: BudgetStanding) async throws {
        run.halt.stop(.budget, standing.sentence(on: worstCase, run.wall.budget), at: run.time.now)
        run.wall.stop()
        try await giveBack()
    }

    /// What the provider says that it charges, else what the price table says.
    func cost(of usage: Usage, _ priced: StoredPrice?, _ worstCase: Picodollars) -> Picodollars? {
        guard let priced else { return usage.reportedCost }
        let cost = usage.reportedCost ?? priced.price.cost(of: usage)
        if run.prices.note(cost, of: usage, worstCase: worstCase, at: priced.price) {
            run.logger.warning(
                "the provider charges more than the price table says, and is reckoned with accordingly",
                metadata: ["model": "\(request.model)", "charged": "\(cost)"])
        }
        return cost
    }
}

extension BudgetedOpening {
    var standing: BudgetStanding {
        switch self {
        case .granted(_, let standing), .wait(let standing), .refused(let standing): standing
        }
    }
}

extension BudgetStanding {
    /// Why a run ends at its budget.
    fileprivate func sentence(on worstCase: Picodollars, _ budget: Budget?) -> String {
        var text =
            "the next request could cost \(worstCase) and would pass the budget of "
            + "\(budget?.limit ?? .zero); \(spent) are spent"
        if held > .zero {
            text += ", and up to \(held) may yet be charged for requests whose cost nobody has told"
        }
        return text
    }
}
