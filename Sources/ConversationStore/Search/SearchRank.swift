import Foundation
import GRDB
import GRDBSQLite

/// Okapi BM25 for the index of words, as FTS5's own `bm25()`, with one difference: how rare a word is, is counted in no more
/// than the first ``rowsMax`` of its messages and estimated from there.
///
/// FTS5's own walks through all messages with each word or phrase, for one search a fifth of a second in a million messages
/// where two frequent words stand together. With one word alone it does not matter how rare it is, and nothing is counted.
enum SearchRank {
    static let name = "parley_rank"
    /// Rows of a word that are counted.
    static let rowsMax = 10_000
    /// The usual constants of BM25: how fast more occurrences stop to count, and how much the length of a text does.
    static let saturation = 1.2
    static let lengthShare = 0.75
    /// An occurrence in the text counts one, one in the reasoning so much.
    static let reasoningWeight = 0.5

    /// Makes the function known to a connection.
    static func register(on database: Database) throws {
        guard let connection = database.sqliteConnection else { return }
        var api: UnsafeMutablePointer<fts5_api>?
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nil) == SQLITE_OK else {
            throw SQLiteFailure(connection)
        }
        // The library writes its address to where this points.
        withUnsafeMutablePointer(to: &api) { address in
            _ = sqlite3_bind_pointer(statement, 1, address, "fts5_api_ptr", nil)
            sqlite3_step(statement)
        }
        guard let api, let create = api.pointee.xCreateFunction else {
            throw SQLiteFailure(code: SQLITE_ERROR, message: "this SQLite has no FTS5")
        }
        let code = name.withCString { create(api, $0, nil, rank, nil) }
        guard code == SQLITE_OK else { throw SQLiteFailure(connection) }
    }
}

/// What is the same for all rows of a search.
private final class SearchWeights {
    /// How much each word or phrase counts: the more, the rarer.
    var phrases: [Double] = []
    /// Words of a text on average.
    var averageLength = 1.0
}

/// The rows of a word, as far as they are counted.
private struct RowTally {
    var rows = 0
    var last: Int64 = 0
}

private typealias Fts5API = UnsafePointer<Fts5ExtensionApi>

/// Smaller is better, as with `bm25()`.
private let rank: fts5_extension_function = { api, cursor, context, _, _ in
    guard let api, let weights = weights(api, cursor) else { return sqlite3_result_error_nomem(context) }
    var count: Int32 = 0
    var length: Int32 = 0
    guard api.pointee.xInstCount(cursor, &count) == SQLITE_OK,
        api.pointee.xColumnSize(cursor, -1, &length) == SQLITE_OK
    else { return sqlite3_result_error_code(context, SQLITE_ERROR) }
    var occurrences = [Double](repeating: 0, count: weights.phrases.count)
    for index in 0..<count {
        var (phrase, column, offset): (Int32, Int32, Int32) = (0, 0, 0)
        guard api.pointee.xInst(cursor, index, &phrase, &column, &offset) == SQLITE_OK else { continue }
        occurrences[Int(phrase)] += column == 0 ? 1 : SearchRank.reasoningWeight
    }
    let share = SearchRank.lengthShare
    let norm = SearchRank.saturation * (1 - share + share * Double(length) / weights.averageLength)
    var score = 0.0
    for (weight, often) in zip(weights.phrases, occurrences) where often > 0 {
        score += weight * often * (SearchRank.saturation + 1) / (often + norm)
    }
    sqlite3_result_double(context, -score)
}

/// Found at the first row and kept for the others.
private func weights(_ api: Fts5API, _ cursor: OpaquePointer?) -> SearchWeights? {
    if let kept = api.pointee.xGetAuxdata(cursor, 0) {
        return Unmanaged<SearchWeights>.fromOpaque(kept).takeUnretainedValue()
    }
    let weights = SearchWeights()
    var rows: sqlite3_int64 = 0
    var words: sqlite3_int64 = 0
    guard api.pointee.xRowCount(cursor, &rows) == SQLITE_OK,
        api.pointee.xColumnTotalSize(cursor, -1, &words) == SQLITE_OK
    else { return nil }
    weights.averageLength = max(1, Double(words) / Double(max(1, rows)))
    let phrases = api.pointee.xPhraseCount(cursor)
    weights.phrases =
        phrases == 1 ? [1] : (0..<phrases).map { rarity(of: $0, among: Double(rows), api, cursor) }
    let kept = Unmanaged.passRetained(weights)
    let code = api.pointee.xSetAuxdata(cursor, kept.toOpaque()) { pointer in
        if let pointer { Unmanaged<SearchWeights>.fromOpaque(pointer).release() }
    }
    return code == SQLITE_OK ? weights : nil
}

/// The inverse document frequency, never below a trifle.
private func rarity(of phrase: Int32, among rows: Double, _ api: Fts5API, _ cursor: OpaquePointer?) -> Double
{
    var tally = RowTally()
    _ = api.pointee.xQueryPhrase(cursor, phrase, &tally) { api, cursor, pointer in
        guard let api, let tally = pointer?.assumingMemoryBound(to: RowTally.self) else {
            return SQLITE_ERROR
        }
        tally.pointee.rows += 1
        tally.pointee.last = api.pointee.xRowid(cursor)
        return tally.pointee.rows < SearchRank.rowsMax ? SQLITE_OK : SQLITE_DONE
    }
    var frequency = Double(tally.rows)
    // The rows come by their numbers: where so many lie in the first part, the rest has as many again.
    if tally.rows >= SearchRank.rowsMax { frequency *= max(1, rows / Double(max(1, tally.last))) }
    frequency = min(frequency, rows)
    return max(1e-6, log((rows - frequency + 0.5) / (frequency + 0.5)))
}
