import ParleyCore
import Testing

@testable import ConversationStore

struct EnqueueTests {
    @Test func `The same file again adds nothing`() async throws {
        let test = try await TestStore()
        let first = try await test.enqueue(["a", "b"])
        #expect(first.new == 2 && first.known == 0 && first.jobs == 2)
        let second = try await test.enqueue(["a", "b"])
        #expect(second.new == 0 && second.known == 2 && second.jobs == 2)
        #expect(second.problems.isEmpty && second.batch == first.batch)
    }

    @Test func `A changed row under a known id is named and left as it was`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        let report = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
            try $0.insert(.fixture(["a"], text: "Something else?"))
        }
        #expect(report.new == 0 && report.known == 0 && report.problemsCount == 1)
        let expected = "line 2: row 'a' differs from what batch 'batch' holds under that id"
        #expect(report.problems.map(\.description) == [expected])
        #expect(try await test.lease().first?.input.contains("What is a?") == true)
    }

    @Test func `An id that a file has twice is named with both lines`() async throws {
        let test = try await TestStore()
        let report = try await test.enqueue(["a", "b", "a"])
        #expect(report.problems.map(\.description) == ["line 4: the id 'a' appears twice (first on line 2)"])
        #expect(report.new == 2)
    }

    @Test func `Only the first problems are kept and all are counted`() async throws {
        let test = try await TestStore()
        let report = try await test.enqueue(Array(repeating: "a", count: 31))
        #expect(report.problems.count == DraftInserter.problemsKept && report.problemsCount == 30)
    }

    @Test func `A file that throws leaves nothing behind`() async throws {
        struct Stop: Error {}
        let test = try await TestStore()
        await #expect(throws: Stop.self) {
            _ = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
                try $0.insert(.fixture(["a"]))
                throw Stop()
            }
        }
        #expect(try await test.store.batches().isEmpty)
        #expect(try await test.count("SELECT count(*) FROM jobs") == 0)
        #expect(try await test.count("SELECT count(*) FROM contents") == 0)
        #expect(try await test.enqueue(["a"]).new == 1)
    }

    @Test func `A dry run counts and keeps nothing`() async throws {
        let test = try await TestStore()
        let report = try await test.enqueue(["a", "a"], mode: .dryRun)
        #expect(report.new == 1 && report.problemsCount == 1)
        #expect(try await test.store.batches().isEmpty)
        #expect(try await test.enqueue(["a"]).new == 1)
    }

    @Test func `The same name with other settings is refused`() async throws {
        let test = try await TestStore()
        try await test.enqueue()
        await #expect(throws: StoreError.batchDiffers(name: "batch", fields: ["system"])) {
            try await test.enqueue(settings: .fixture(system: "Be verbose."))
        }
    }

    @Test func `A system prompt that rows and batches share is stored once`() async throws {
        let test = try await TestStore()
        for name in ["one", "two"] {
            _ = try await test.store.enqueue(BatchDraft(name: name, settings: .fixture(system: "Shared."))) {
                try $0.insert(.fixture(["a", "b"], system: "Shared."))
                try $0.insert(.fixture(["c"], system: "Another."))
            }
        }
        #expect(try await test.count("SELECT count(*) FROM contents") == 2)
        #expect(try await test.store.batch(named: "one")?.settings.system == "Shared.")
        #expect(try await test.damage() == [])
    }

    @Test func `More rows can join a batch later`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["a"])
        try await test.enqueue(["x"], batch: "between")
        let report = try await test.enqueue(["a", "b"])
        #expect(report.new == 1 && report.known == 1 && report.jobs == 2)
        #expect(try await test.answers(.everything).map(\.customID) == ["a", "b"])
        #expect(try await test.damage() == [])
    }

    @Test func `Empty columns and keys with every kind of letter survive`() async throws {
        let test = try await TestStore()
        try await test.enqueue(["", "ключ", "a\"b\\c", "🙂"])
        #expect(try await test.lease(9).map(\.key) == ["", "ключ", "a\"b\\c", "🙂"])
    }
}
