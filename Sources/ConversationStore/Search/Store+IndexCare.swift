import GRDB

extension Store {
    /// Whether each word of the index stands in its message, and the other way round: reads all texts, and holds the write
    /// lock meanwhile. Nil when all is well.
    func wordsFinding() async throws -> CheckFinding? {
        guard !isReadOnly else { return nil }
        return try await write { context in
            do {
                try context.statement(
                    "INSERT INTO message_words (message_words, rank) VALUES ('integrity-check', 1)"
                ).run()
                return nil
            } catch let failure as SQLiteFailure where failure.isDamage {
                return CheckFinding(
                    severity: .damage, law: "search-index-has-their-words", count: 1,
                    message: "The search index differs from the messages; `parley db vacuum` drops it, "
                        + "and the next search makes it anew.")
            }
        }
    }

    /// Empties an index that is not right, so that the next search makes it anew; merges one that is.
    func careForIndex() async throws {
        let isMissing = try await read { database in
            try Law.removalLaws.contains {
                try $0.name == "search-index-has-its-messages" && $0.finding(in: database) != nil
            }
        }
        if !isMissing, try await wordsFinding() == nil { return try await mergeIndex() }
        try await write { context in
            try context.statement("INSERT INTO message_words (message_words) VALUES ('delete-all')").run()
            try context.statement("UPDATE search_index SET indexed_until = 0").run()
        }
    }

    /// Nothing that was deleted is in a file that was rewritten.
    func noteRewritten() async throws {
        try await write {
            try $0.statement("UPDATE search_index SET has_remains = 0 WHERE has_remains = 1").run()
        }
    }
}
