import GRDB
import Testing

@testable import ConversationStore

struct SearchRankTests {
    /// A small language, in which words differ in how frequent they are.
    private func index() throws -> DatabaseQueue {
        let memory = try DatabaseQueue()
        var random = SplitMix(seed: 5)
        try memory.write { database in
            try SearchRank.register(on: database)
            try database.execute(sql: "CREATE VIRTUAL TABLE f USING fts5 (content, reasoning)")
            for _ in 0..<400 {
                let texts = (0..<2).map { _ in
                    (0..<Int.random(in: 1...30, using: &random)).map { _ in
                        "w\(Int.random(in: 0...Int.random(in: 0...40, using: &random), using: &random))"
                    }.joined(separator: " ")
                }
                try database.execute(sql: "INSERT INTO f VALUES (?, ?)", arguments: [texts[0], texts[1]])
            }
        }
        return memory
    }

    @Test(arguments: ["w0 w1", "w3 OR w20", "\"w0 w1\" OR w9", "w1* OR w30", "w0 NOT w5 OR w7"])
    func `Where all can be counted the weight is that of FTS5`(match: String) throws {
        try index().read { database in
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT parley_rank(f), bm25(f, 1.0, 0.5) FROM f WHERE f MATCH ?", arguments: [match])
            #expect(rows.count > 5)
            for row in rows {
                let (own, theirs): (Double, Double) = (row[0], row[1])
                #expect(abs(own - theirs) < 1e-9)
            }
        }
    }

    @Test func `With one word alone the order is that of FTS5`() throws {
        try index().read { database in
            func order(_ rank: String) throws -> [Int] {
                try Int.fetchAll(
                    database, sql: "SELECT rowid FROM f WHERE f MATCH 'w20' ORDER BY \(rank), rowid")
            }
            let own = try order("parley_rank(f)")
            #expect(try own == order("bm25(f, 1.0, 0.5)"))
        }
    }
}
