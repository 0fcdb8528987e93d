import Foundation
import GRDB
public import ParleyCore

extension Store {
    /// A turn of another machine or container is given up when it has shown no sign of life for so long.
    static let turnSilenceMax = Duration.seconds(600)

    /// Stores a question and takes the conversation for this process; a new one is begun where the draft says so.
    ///
    /// From its commit on the conversation says `interrupted`, until a whole answer is stored. Throws
    /// ``StoreError/sessionBusy(_:)`` while another process answers in it, ``StoreError/sessionUnknown(_:)``, and
    /// ``StoreError/sessionOfJob(_:)`` for a job's conversation.
    public func begin(_ draft: TurnDraft, by worker: Worker) async throws -> OpenTurn {
        let now = time.now
        return try await write { [liveness] context in
            try context.begin(draft, by: worker, liveness: liveness, at: now)
        }
    }

    /// Appends messages to an open turn, such as the results of tools.
    public func append(_ messages: [Message], to turn: OpenTurn) async throws {
        let now = time.now
        try await write { context in
            try context.requireTurn(turn)
            let position = try context.nextPosition(in: turn.session.number)
            try context.insertMessages(messages, into: turn.session.number, from: position, at: now)
            try context.refreshStatus(of: turn.session.number, at: now)
        }
    }

    /// Writes a request down before it is sent.
    public func open(_ request: TurnRequest, in turn: OpenTurn) async throws -> AttemptID {
        let now = time.now
        return try await write { context in try context.open(request, in: turn, at: now) }
    }

    /// Stores what has come of a request's answer so far, in the place of what was stored before. Once the request has ended
    /// it changes nothing.
    public func checkpoint(_ part: AnswerPart, of attempt: AttemptID, in turn: OpenTurn) async throws {
        let now = time.now
        try await write { context in try context.keep(part, of: attempt, in: turn, at: now) }
    }

    /// Writes down how a request ended: answer, usage, cost and sums in one transaction.
    ///
    /// An answer to a turn that was taken away meanwhile is kept and billed all the same, beside the conversation, and
    /// ``StoreError/turnLost(_:)`` is thrown.
    public func settle(_ settlement: TurnSettlement, in turn: OpenTurn) async throws {
        let isHeld = try await write { context in try context.settle(settlement, in: turn) }
        guard isHeld else { throw StoreError.turnLost(turn.session) }
    }

    /// Whether nobody knows what became of some request of that conversation.
    public func hasLostRequests(in session: SessionID) async throws -> Bool {
        try await read { database in
            try Bool.fetchOne(
                database,
                SQLRequest(
                    literal: """
                        SELECT EXISTS (
                            SELECT 1 FROM attempts WHERE session_id = \(session.number) AND state = 'unknown')
                        """)) ?? false
        }
    }

    /// The idempotency key of a request of that conversation that was in the air when its process was lost, if it asked the same:
    /// a provider that knows the header then answers only once. Nil where there is none.
    public func lostKey(of session: SessionID, model: ModelName, requestHash: [UInt8]) async throws -> String?
    {
        try await read { database in
            try String.fetchOne(
                database,
                SQLRequest(
                    literal: """
                        SELECT idempotency_key FROM attempts
                        WHERE session_id = \(session.number) AND state = 'unknown'
                            AND provider = \(model.provider.text) AND model = \(model.model)
                            AND request_hash = \(Data(requestHash))
                        ORDER BY id DESC LIMIT 1
                        """))
        }
    }

    /// Lets go of the conversation. Nothing depends on it being called: a turn whose process is gone is closed by whoever
    /// comes next.
    public func close(_ turn: OpenTurn) async throws {
        try await write { context in
            let delete = try context.statement("DELETE FROM open_turns WHERE session_id = ?1 AND worker = ?2")
            delete.bind(1, turn.session.number)
            delete.bind(2, turn.worker)
            try delete.run()
        }
    }

    /// Closes the turns whose process is gone: what they had sent is `unknown`. Gives their conversations.
    @discardableResult
    public func closeLostTurns() async throws -> [SessionID] {
        let now = time.now
        return try await write { [liveness] context in
            try context.lostTurns(by: liveness, at: now).map { session in
                try context.closeLost(session, at: now)
                return SessionID(session)
            }
        }
    }

    /// Takes messages out of a conversation: they stay as history, and are never sent again.
    public func setAside(_ messages: [MessageID], of session: SessionID) async throws {
        let now = time.now
        try await write { [liveness] context in
            try context.requireFree(session, liveness: liveness, at: now)
            for message in messages { try context.setAside(message, of: session, at: now) }
            try context.refreshStatus(of: session.number, at: now)
        }
    }
}
