import ParleyCore

extension Store {
    /// Enters this process into the list of workers, so that others can tell when it is gone.
    public func register(_ identity: WorkerIdentity) async throws -> Worker {
        let now = time.now
        return try await write { context in
            let insert = try context.statement(
                """
                INSERT INTO workers (token, host, pid, started, created_at, heartbeat_at)
                VALUES (randomblob(8), ?1, ?2, ?3, ?4, ?4)
                RETURNING id, token
                """)
            insert.bind(1, identity.host)
            insert.bind(2, Int(identity.pid))
            insert.bind(3, identity.started)
            insert.bind(4, now.milliseconds)
            guard try insert.step() else { preconditionFailure("an insertion returns its row") }
            defer { insert.reset() }
            return Worker(id: insert.int(0), token: insert.bytes(1), identity: identity)
        }
    }

    /// Takes a worker off the list. What it still holds is given back: jobs that were not sent wait again,
    /// those in the air become `unknown`, and so do the requests of conversations that it was answering.
    public func retire(_ worker: Worker) async throws {
        let now = time.now
        try await write { context in
            for job in try context.heldJobs() where job.lease.starts(with: worker.token) {
                switch job.state {
                case .sent: try context.markUnknown(job, at: now)
                default: try context.putBack(job)
                }
            }
            for session in try context.sessions(answeredBy: worker) {
                try context.closeLost(session, at: now)
            }
            let delete = try context.statement("DELETE FROM workers WHERE token = ?1")
            delete.bind(1, worker.token)
            try delete.run()
        }
    }
}

extension WriteContext {
    fileprivate func sessions(answeredBy worker: Worker) throws -> [Int64] {
        let find = try statement("SELECT session_id FROM open_turns WHERE worker = ?1")
        find.bind(1, worker.token)
        var sessions: [Int64] = []
        while try find.step() { sessions.append(find.int(0)) }
        return sessions
    }

    /// Puts a worker back that was taken off the list although it lives; its heart beats now.
    func noteHeartbeat(of worker: Worker, at now: Timestamp) throws {
        let beat = try statement(
            """
            INSERT INTO workers (token, host, pid, started, created_at, heartbeat_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?5)
            ON CONFLICT (token) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
            """)
        beat.bind(1, worker.token)
        beat.bind(2, worker.identity.host)
        beat.bind(3, Int(worker.identity.pid))
        beat.bind(4, worker.identity.started)
        beat.bind(5, now.milliseconds)
        try beat.run()
    }
}
