import ParleyCore

extension Store {
    /// Fails a leased job of which no request can be made: nothing is sent, so there is no attempt; the reason is kept
    /// with the job.
    ///
    /// Throws ``StoreError/leaseLost(_:)`` when the job is not this worker's any more.
    public func reject(_ lease: Lease, because reason: String) async throws {
        let isRejected = try await write { context in
            let update = try context.statement(
                """
                UPDATE jobs SET state = 'failed', fault = ?3, lease = NULL
                WHERE id = ?1 AND lease = ?2 AND state = 'leased'
                """)
            update.bind(1, lease.job.number)
            update.bind(2, lease.token)
            update.bind(3, reason)
            try update.run()
            return context.connection.changes == 1
        }
        guard isRejected else { throw StoreError.leaseLost(lease.job) }
    }
}
