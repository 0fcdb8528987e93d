import ParleyCore

extension Store {
    /// Writes a request down before it is sent; returns when it may be.
    ///
    /// The job must still be leased under the opening's token, else ``StoreError/leaseLost(_:)`` is thrown
    /// and nothing must be sent.
    public func open(_ opening: AttemptOpening) async throws -> OpenAttempt {
        try await write { context in try context.open(opening) }
    }

    /// Writes down how a request ended, with its cost and what becomes of the job, all in one transaction.
    ///
    /// Throws ``StoreError/leaseLost(_:)`` when the job is not this worker's any more. What was paid for is
    /// kept even then: the attempt is settled, the usage billed and the answer put into the conversation,
    /// marked as extra. An answer that comes late for a job that nobody holds and nobody has answered is that
    /// job's answer, and nothing is thrown.
    public func settle(_ settlement: Settlement) async throws {
        let isSettled = try await write { context in try context.settle(settlement) }
        guard isSettled else { throw StoreError.leaseLost(settlement.lease.job) }
    }
}
