public import ParleyCore

extension Store {
    /// Puts a conversation away: it is no longer listed, and stays as it is. Its last moment stays too.
    ///
    /// Throws ``StoreError/sessionBusy(_:)`` while it is being answered, ``StoreError/sessionUnknown(_:)``, and
    /// ``StoreError/sessionOfJob(_:)``.
    public func archive(_ session: SessionID) async throws {
        let now = time.now
        try await write { [liveness] context in
            try context.requireFree(session, liveness: liveness, at: now)
            try context.archive(session.number)
        }
    }

    /// Takes a conversation out again; its status is what its last message says.
    public func unarchive(_ session: SessionID) async throws {
        let now = time.now
        try await write { [liveness] context in
            try context.requireFree(session, liveness: liveness, at: now)
            try context.refreshStatus(of: session.number, at: nil)
        }
    }
}

extension WriteContext {
    func archive(_ session: Int64) throws {
        let update = try statement("UPDATE sessions SET status = 'archived' WHERE id = ?1")
        update.bind(1, session)
        try update.run()
    }
}
