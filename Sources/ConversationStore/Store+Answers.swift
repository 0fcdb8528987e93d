import GRDB
import OrderedCollections
public import ParleyCore

extension Store {
    /// Gives a batch's answers in the order of its file, one by one, on the calling thread.
    ///
    /// They are read some hundred at a time, and handed out between two readings: a reader that keeps its snapshot for as
    /// long as somebody takes to look at a million answers would let the write-ahead log grow without bound. Each answer is
    /// one of a moment; a later one may know more than an earlier one.
    public func answers(
        of batch: BatchID, including scope: AnswerScope = .finished, each: (Answer) throws -> Void
    ) async throws {
        try eachAnswer(of: batch, scope, each)
    }

    private func eachAnswer(
        of batch: BatchID, _ scope: AnswerScope, _ each: (Answer) throws -> Void
    ) throws {
        var last: Int64? = 0
        var objects: ObjectReader?
        while let after = last {
            let slice = try readHere { database -> AnswerSlice in
                guard let record = try BatchRecord.fetchOne(database, id: batch),
                    let connection = database.sqliteConnection
                else { return AnswerSlice() }
                let known = objects ?? ObjectReader(record.settings)
                objects = known
                let reader = try AnswerReader(
                    Connection(connection), objects: known, showsPartialTexts: scope.showsPartialTexts)
                return try reader.read(batch: batch, states: scope.states, after: after)
            }
            for answer in slice.answers { try each(answer) }
            last = slice.last
        }
    }
}

/// Some answers, and the job after which there may be more.
struct AnswerSlice {
    /// So many jobs are read at once.
    static let jobsMax = 500

    var answers: [Answer] = []
    /// Nil at the end.
    var last: Int64?
}

/// Makes answers of rows; lives within one reading of the database.
struct AnswerReader {
    private let connection: Connection
    private let rows: Statement
    private let objects: ObjectReader
    private let showsPartialTexts: Bool

    init(_ connection: Connection, objects: ObjectReader, showsPartialTexts: Bool) throws {
        self.connection = connection
        self.objects = objects
        self.showsPartialTexts = showsPartialTexts
        rows = try connection.statement(Self.sql)
    }

    // The jobs of a batch lie in one range of numbers, so they are read in the order of the file without
    // sorting. An answer is the last reply of the conversation that is the job's own; an error is that of its
    // last failure.
    static let sql: StaticString =
        """
        SELECT j.job_key, j.state, j.attempts, j.session_id, j.input, c.text,
            m.id, m.content, m.reasoning, m.finish_reason, m.status,
            a.provider, a.model, u.reported, u.input_uncached, u.cache_read, u.cache_write_5m,
            u.cache_write_1h, u.output, u.reasoning, u.cost_picodollars,
            f.failure_kind, e.message, e.status,
            EXISTS (SELECT 1 FROM tool_calls WHERE message_id = m.id), j.fault, j.id,
            r.message_id = m.id, r.provider, r.model
        FROM batches b
        JOIN jobs j ON j.id BETWEEN max(b.first_job_id, ?2) AND b.last_job_id AND j.batch_id = b.id
        LEFT JOIN contents c ON c.id = j.system_id
        LEFT JOIN reused_answers r ON r.job_id = j.id
        LEFT JOIN messages m ON m.id = (
            SELECT id FROM messages
            WHERE session_id = j.session_id AND (attempt_id IS NOT NULL OR id = r.message_id) AND extra = 0
            ORDER BY position DESC LIMIT 1)
        LEFT JOIN attempts a ON a.id = m.attempt_id
        LEFT JOIN token_usage u ON u.attempt_id = m.attempt_id
        LEFT JOIN attempts f ON j.state = 'failed' AND f.id = (
            SELECT max(id) FROM attempts WHERE session_id = j.session_id AND state = 'failed')
        LEFT JOIN failed_requests e ON e.attempt_id = f.id
        WHERE b.id = ?1
        ORDER BY j.id
        LIMIT ?3
        """

    func read(batch: BatchID, states: Set<JobState>, after job: Int64) throws -> AnswerSlice {
        let wanted = Set(states.map(\.rawValue))
        rows.bind(1, batch.number)
        rows.bind(2, job + 1)
        rows.bind(3, AnswerSlice.jobsMax)
        defer { rows.reset() }
        var slice = AnswerSlice()
        var count = 0
        while try rows.step() {
            count += 1
            slice.last = rows.int(26)
            if wanted.contains(rows.text(1)) { slice.answers.append(try answer()) }
        }
        if count < AnswerSlice.jobsMax { slice.last = nil }
        return slice
    }

    private func answer() throws -> Answer {
        let state = rows.text(1)
        var answer = Answer(
            customID: rows.text(0), state: state, attempts: rows.count(2), session: rows.optionalInt(3),
            input: try input())
        if state == JobState.done.rawValue || showsPartialTexts { try addReply(to: &answer) }
        if !rows.isNull(21) {
            answer.error = Answer.Problem(
                kind: rows.text(21), message: rows.optionalText(22) ?? "the details have been pruned",
                status: rows.optionalInt(23).map { Int($0) })
        }
        if let fault = rows.optionalText(25) {
            let isOverdue = fault == Store.deadlineFault
            answer.error = Answer.Problem(
                kind: isOverdue ? "deadline" : Failure.Kind.rejected.rawValue, message: fault)
        }
        return answer
    }

    private func addReply(to answer: inout Answer) throws {
        guard let message = rows.optionalInt(6) else { return }
        let text = rows.text(7)
        answer.answer = text
        answer.reasoning = rows.optionalText(8)
        answer.finishReason = rows.optionalText(9)
        if answer.state == JobState.done.rawValue {
            answer.object = objects.object(in: text, finishReason: answer.finishReason, input: answer.input)
        }
        if rows.int(24) != 0 { answer.toolCalls = try toolCalls(of: message) }
        if rows.int(27) != 0 {
            // Nothing was sent for it, so whoever adds the answers up gets the bill.
            answer.isReused = true
            answer.model = "\(rows.text(28))/\(rows.text(29))"
            answer.usage = Usage()
            answer.cost = .zero
            return
        }
        answer.model = "\(rows.text(11))/\(rows.text(12))"
        guard rows.int(13) != 0 else { return }
        answer.usage = Usage(
            inputUncached: rows.count(14), cacheRead: rows.count(15), cacheWrite5m: rows.count(16),
            cacheWrite1h: rows.count(17), output: rows.count(18), reasoning: rows.count(19))
        answer.cost = rows.optionalInt(20).map { Picodollars($0) }
    }

    /// The row's columns, with a long system prompt put back where it was lifted out.
    private func input() throws -> JSON {
        let input = try JSON(parsing: UnsafeBufferPointer(rebasing: rows.borrowedText(4)[...]))
        return LiftedSystem.restored(input, system: rows.optionalText(5))
    }

    private func toolCalls(of message: Int64) throws -> [ToolCall] {
        let find = try connection.statement(
            """
            SELECT call_id, name, raw, arguments, repaired FROM tool_calls
            WHERE message_id = ?1 ORDER BY position
            """
        )
        find.bind(1, message)
        var calls: [ToolCall] = []
        while try find.step() {
            let raw = find.text(2)
            let object = try find.optionalText(3).flatMap { try JSON(parsing: $0).objectValue }
            let arguments: ToolCall.Arguments =
                switch object {
                case nil: .invalid(raw: raw)
                case .some(let object) where find.int(4) != 0: .repaired(object, raw: raw)
                case .some(let object): .parsed(object)
                }
            calls.append(ToolCall(id: find.text(0), name: find.text(1), arguments: arguments))
        }
        return calls
    }
}
