import ParleyCore

extension Store {
    /// Writes a request down before it is sent; returns when it may be.
    ///
    /// The job must still be leased under the opening's token, else ``StoreError/leaseLost(_:)`` is thrown
    /// and nothing must be sent.
    public func open(_ opening: AttemptOpening) async throws -> OpenAttempt {
        try await write { context in try context.open(opening) }
    }

    /// As ``open(_:)``, and only if the request's worst case fits under the budget, beside what its batches have cost and
    /// may yet cost by the requests of all processes. Verdict and reservation are one step of one transaction.
    public func open(
        _ opening: AttemptOpening, within budget: Budget
    ) async throws -> BudgetedOpening {
        try await write { context in try context.open(opening, within: budget) }
    }

    /// What the batches of a budget have cost and may yet cost.
    ///
    /// It joins the queue of writes, though it writes nothing, so that its word has a place in their order.
    public func standing(of budget: Budget) async throws -> BudgetStanding {
        try await write { context in try context.standing(of: budget) }
    }

    /// Writes down how a request ended, with its cost and what becomes of the job, all in one transaction.
    ///
    /// Throws ``StoreError/leaseLost(_:)`` when the job is not this worker's any more. What was paid for is
    /// kept even then: the attempt is settled, the usage billed and the answer put into the conversation,
    /// marked as extra. An answer that comes late for a job that has no other, and for which no other request is in
    /// the air, is that job's answer, and nothing is thrown.
    public func settle(_ settlement: Settlement) async throws {
        let isSettled = try await write { context in try context.settle(settlement) }
        guard isSettled else { throw StoreError.leaseLost(settlement.lease.job) }
    }

    /// As ``settle(_:)`` for whoever does not wait for it: `hear` is told after the commit, with nil or with why not.
    ///
    /// It is called on the writer's own queue, so it must be short and wait for nothing.
    public func settle(_ settlement: Settlement, hear: @escaping @Sendable ((any Error)?) -> Void) {
        guard !isReadOnly else { return hear(StoreError.readOnly(path: path)) }
        writer.submit({ context in try context.settle(settlement) }) { result in
            switch result {
            case .success(true): hear(nil)
            case .success(false): hear(StoreError.leaseLost(settlement.lease.job))
            case .failure(let error): hear(error)
            }
        }
    }

    /// As ``settle(_:)``, and gives the budget's standing after it.
    public func settle(_ settlement: Settlement, within budget: Budget) async throws -> BudgetStanding {
        let (isSettled, standing) = try await write { context in
            (try context.settle(settlement), try context.standing(of: budget))
        }
        guard isSettled else { throw StoreError.leaseLost(settlement.lease.job) }
        return standing
    }
}
