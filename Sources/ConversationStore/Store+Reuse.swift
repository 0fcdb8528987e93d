import Foundation
import GRDB
public import ParleyCore

extension Store {
    /// Makes known what was asked by runs that share no answers, as far as it is not known yet.
    ///
    /// A run that shares answers does so once when it begins, and when there are new jobs. It takes a second for some
    /// hundred thousand requests, in steps that let others write in between.
    public func catchUpWithKnownRequests() async throws {
        while try await write({ try $0.catchUp(upTo: Self.catchUpStep) }) {}
    }

    /// So many attempts are looked at in one transaction.
    static let catchUpStep = 50_000

    /// Looks whether a request of that hash was answered or is in the air. It is a look and no promise: what counts is
    /// what ``openShared(_:within:)`` finds.
    public func known(
        _ hash: [UInt8], to batch: BatchID, in scope: ReuseScope
    ) async throws -> KnownRequest {
        try await read { database in
            let batches = scope.batches(for: batch)
            let arguments: StatementArguments = [Data(hash), batches.lowerBound, batches.upperBound]
            if try Row.fetchOne(database.cachedStatement(sql: Self.answeredSQL), arguments: arguments) != nil
            {
                return .answered
            }
            return try Int64.fetchOne(database.cachedStatement(sql: Self.inAirSQL), arguments: arguments)
                .map { .inAir(BatchID($0)) } ?? .nothing
        }
    }

    private static let answeredSQL = String(describing: OriginalAnswer.sql)
    private static let inAirSQL = String(describing: OriginalAnswer.inAirSQL)

    /// As ``open(_:)`` or ``open(_:within:)``, for a request that may share an answer (``AttemptOpening/reuse``).
    ///
    /// If an identical request was answered, the job is done with a copy of that answer, in the same transaction: nothing
    /// is sent, reserved or billed for it. If one is in the air, nothing is written. Throws ``StoreError/leaseLost(_:)``
    /// when the job is not this worker's any more.
    public func openShared(
        _ opening: AttemptOpening, within budget: Budget?
    ) async throws -> SharedOpening {
        try await write { context in try context.openShared(opening, within: budget) }
    }

    /// Ends leased jobs with copies of an answer, all in one transaction; what became of each, in their order.
    public func copyAnswers(for openings: [AttemptOpening]) async throws -> [CopyOutcome] {
        try await write { context in try openings.map { try context.copyAnswer(for: $0) } }
    }

    /// What was reused, in a time that is widened to whole hours as in ``usage(_:)``; `batch` nil = all of them.
    public func reused(
        since: Timestamp? = nil, until: Timestamp? = nil, batch: BatchID? = nil
    ) async throws -> ReuseSums {
        let hour = RollupSums.hourMilliseconds
        let from = (since?.milliseconds ?? 0) / hour * hour
        let to = until.map { ($0.milliseconds + hour - 1) / hour * hour } ?? .max
        return try await read { database in
            let row = try Row.fetchOne(
                database,
                SQLRequest<Row>(
                    literal: """
                        SELECT count(*), sum(how = 'collapse'), sum(input_uncached), sum(cache_read),
                            sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning),
                            sum(saved_picodollars), sum(saved_picodollars IS NULL)
                        FROM reused_answers
                        WHERE created_at >= \(from) AND created_at < \(to)
                            AND (\(batch?.number) IS NULL OR batch_id = \(batch?.number))
                        """))
            return row.map { ReuseSums($0) } ?? ReuseSums()
        }
    }
}

extension ReuseSums {
    fileprivate init(_ row: Row) {
        func sum(_ index: Int) -> Int { row[index] ?? 0 }
        answers = sum(0)
        collapsed = sum(1)
        usage = Usage(
            inputUncached: sum(2), cacheRead: sum(3), cacheWrite5m: sum(4), cacheWrite1h: sum(5),
            output: sum(6), reasoning: sum(7))
        saved = Picodollars(Int64(sum(8)))
        unpriced = sum(9)
    }
}
