import ParleyCore

extension WriteContext {
    func begin(
        _ draft: TurnDraft, by worker: Worker, liveness: WorkerLiveness, at now: Timestamp
    ) throws -> OpenTurn {
        let session: Int64
        switch draft.place {
        case .existing(let known):
            session = known.number
            try requireFree(known, liveness: liveness, at: now)
        case .new(let new):
            let title = new.title.isEmpty ? SessionDraft.title(from: draft.firstWords) : new.title
            session = try insertSession(
                title: title, role: new.role, model: new.model, system: new.system, job: nil, at: now)
            try setSettings(new.settings, of: session)
        }
        for message in draft.setsAside { try setAside(message, of: SessionID(session), at: now) }
        let position = try nextPosition(in: session)
        try insertMessages(draft.messages, into: session, from: position, at: now)
        let insert = try statement(
            """
            INSERT INTO open_turns (session_id, worker, replaces_id, opened_at, touched_at)
            VALUES (?1, ?2, ?3, ?4, ?4)
            """)
        insert.bind(1, session)
        insert.bind(2, worker.token)
        insert.bind(3, draft.replaces?.number)
        insert.bind(4, now.milliseconds)
        try insert.run()
        try setStatus("interrupted", of: session, at: now)
        return OpenTurn(session: SessionID(session), worker: worker.token)
    }

    func open(_ request: TurnRequest, in turn: OpenTurn, at now: Timestamp) throws -> AttemptID {
        let open = try requireTurn(turn)
        // What an earlier request of this turn brought was begun anew.
        if let message = open.message { try setAside(message, of: turn.session, at: now) }
        let insert = try statement(
            """
            INSERT INTO attempts (session_id, provider, model, role, request_hash, idempotency_key, sent_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        insert.bind(1, turn.session.number)
        insert.bind(2, request.model.provider.text)
        insert.bind(3, request.model.model)
        insert.bind(4, request.role)
        insert.bind(5, request.requestHash)
        insert.bind(6, request.idempotencyKey)
        insert.bind(7, request.sentAt.milliseconds)
        try insert.run()
        let attempt = AttemptID(connection.lastInsertedID)
        let update = try statement(
            """
            UPDATE open_turns SET attempt_id = ?2, message_id = NULL, touched_at = ?3 WHERE session_id = ?1
            """)
        update.bind(1, turn.session.number)
        update.bind(2, attempt.number)
        update.bind(3, now.milliseconds)
        try update.run()
        return attempt
    }

    /// Stores the part that has come; the first one takes the place of the broken answer that it goes on with.
    func keep(_ part: AnswerPart, of attempt: AttemptID, in turn: OpenTurn, at now: Timestamp) throws {
        guard !part.isEmpty else { return }
        let open = try requireTurn(turn)
        guard open.attempt == attempt else { return }
        if let message = open.message {
            let update = try statement("UPDATE messages SET content = ?2, reasoning = ?3 WHERE id = ?1")
            update.bind(1, message.number)
            update.bind(2, part.text)
            update.bind(3, part.reasoning.isEmpty ? nil : part.reasoning)
            try update.run()
        } else {
            if let replaced = open.replaces { try setAside(replaced, of: turn.session, at: now) }
            let message = try insertReply(
                WriteContext.Reply(part), to: turn.session.number, from: attempt, at: now)
            let update = try statement(
                "UPDATE open_turns SET message_id = ?2, replaces_id = NULL WHERE session_id = ?1")
            update.bind(1, turn.session.number)
            update.bind(2, message)
            try update.run()
        }
        let touch = try statement("UPDATE open_turns SET touched_at = ?2 WHERE session_id = ?1")
        touch.bind(1, turn.session.number)
        touch.bind(2, now.milliseconds)
        try touch.run()
    }

    /// False when the turn was taken away.
    func settle(_ settlement: TurnSettlement, in turn: OpenTurn) throws -> Bool {
        let end = settlement.end(in: turn.session)
        guard let open = try openTurn(turn), open.attempt == settlement.attempt else {
            return try settleLate(settlement, end)
        }
        switch settlement.outcome {
        case .answered(let completion, let cost, let price):
            try markAnswered(end, completion)
            try finish(completion, of: end, open)
            try bill(end, completion.usage, cost: cost, price: price)
        case .failed(let failure, let record, let part):
            try keep(part, of: end.attempt, in: turn, at: end.at)
            try markFailed(end, failure, record.withoutReserve)
            try bill(end, failure, record)
        case .interrupted(let part):
            try keep(part, of: end.attempt, in: turn, at: end.at)
            try markUnknown(end)
        }
        let update = try statement(
            "UPDATE open_turns SET attempt_id = NULL, touched_at = ?2 WHERE session_id = ?1")
        update.bind(1, turn.session.number)
        update.bind(2, end.at.milliseconds)
        try update.run()
        if case .answered = settlement.outcome {
            let clear = try statement(
                "UPDATE open_turns SET message_id = NULL, replaces_id = NULL WHERE session_id = ?1")
            clear.bind(1, turn.session.number)
            try clear.run()
        }
        try refreshStatus(of: turn.session.number, at: end.at)
        return true
    }

    /// The whole answer, in the place of the part that was stored.
    private func finish(_ completion: Completion, of end: EndedRequest, _ open: TurnRow) throws {
        guard let message = open.message else {
            if let replaced = open.replaces { try setAside(replaced, of: end.session, at: end.at) }
            try insertReply(
                Reply(completion), to: end.session.number, from: end.attempt, at: end.at)
            return
        }
        let update = try statement(
            """
            UPDATE messages SET
                content = ?2, reasoning = ?3, status = 'complete', finish_reason = ?4, continuation = ?5
            WHERE id = ?1
            """)
        update.bind(1, message.number)
        update.bind(2, completion.text)
        update.bind(3, completion.reasoning)
        update.bind(4, completion.finishReason.word)
        update.bind(5, completion.continuation?.text(sortsKeys: true))
        try update.run()
        try insertToolCalls(completion.toolCalls, of: message.number)
    }

    /// The word comes after the turn was given up: what was paid for is kept beside the conversation.
    private func settleLate(_ settlement: TurnSettlement, _ end: EndedRequest) throws -> Bool {
        let find = try statement("SELECT state = 'unknown' FROM attempts WHERE id = ?1")
        find.bind(1, end.attempt.number)
        guard try find.firstInt() == 1 else { return false }
        switch settlement.outcome {
        case .answered(let completion, let cost, let price):
            try markAnswered(end, completion)
            try insertReply(
                Reply(completion, isExtra: true), to: end.session.number, from: end.attempt, at: end.at)
            try bill(end, completion.usage, cost: cost, price: price)
        case .failed(let failure, let record, _):
            try markFailed(end, failure, record.withoutReserve)
            try bill(end, failure, record)
        case .interrupted: break
        }
        return false
    }

    private func markUnknown(_ end: EndedRequest) throws {
        let update = try statement(
            "UPDATE attempts SET state = 'unknown', ended_at = ?2 WHERE id = ?1 AND state = 'sent'")
        update.bind(1, end.attempt.number)
        update.bind(2, end.at.milliseconds)
        try update.run()
    }
}

extension TurnDraft {
    /// For a title.
    fileprivate var firstWords: String { messages.first { $0.role == .user }?.content ?? "" }
}

extension TurnSettlement {
    func end(in session: SessionID) -> EndedRequest {
        EndedRequest(
            attempt: attempt, session: session, batch: BatchID(0), role: role, model: model, at: at,
            latency: latency, firstToken: firstToken)
    }
}

extension WriteContext.Reply {
    /// What has come of an answer.
    init(_ part: AnswerPart) {
        self.init(
            content: part.text, reasoning: part.reasoning.isEmpty ? nil : part.reasoning, status: "partial")
    }
}

extension FailedRequest {
    /// Only batches have budgets for which something is held back.
    fileprivate var withoutReserve: FailedRequest {
        var record = self
        record.mayCost = nil
        return record
    }
}
