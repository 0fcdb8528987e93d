import ConversationStore
import Foundation
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct IngestTests {
    private let folder: Folder
    private let model = ModelName("simulator/sim-small")!

    init() throws { folder = try Folder() }

    private func store() async throws -> Store { try await Store.open(at: folder.path + "/parley.db") }

    private func sheet(_ files: String..., batch: String? = nil, prompt: String? = nil) -> JobSheet {
        JobSheet(files: files.map { JobFile($0) }, batch: batch, model: model, prompt: prompt)
    }

    private func refusal(_ sheet: JobSheet, _ store: Store) async -> String {
        do {
            _ = try await Ingest.enqueue(sheet, into: store)
            return ""
        } catch { return "\(error)".replacing(folder.path + "/", with: "") }
    }

    @Test func `A file is enqueued once, however often it is given`() async throws {
        let store = try await store()
        let path = try folder.file("jobs.csv", "id,prompt\na,x\nb,y\n")
        #expect(
            try await Ingest.enqueue(sheet(path), into: store)
                == IngestReport(batch: "jobs", new: 2, known: 0, invalid: 0, jobs: 2))
        #expect(
            try await Ingest.enqueue(sheet(path), into: store)
                == IngestReport(batch: "jobs", new: 0, known: 2, invalid: 0, jobs: 2))
    }

    @Test func `Bad rows of the file and of the store are listed together, and nothing is added`()
        async throws
    {
        let store = try await store()
        let path = try folder.file("jobs.csv", "id,prompt\na,x\nb\na,z\nc,\n")
        #expect(
            await refusal(sheet(path), store) == """
                jobs.csv: 3 bad rows, nothing was added
                  line 3: it has 1 field, the header has 2; the row is cut short
                  line 4: the id 'a' appears twice (first on line 2)
                  line 5: the prompt is empty
                Correct them, or leave them out with --skip-bad-rows.
                """)
        #expect(try await store.batch(named: "jobs") == nil)
    }

    @Test func `Bad rows can be left out`() async throws {
        let store = try await store()
        let path = try folder.file("jobs.csv", "id,prompt\na,x\nb\na,z\nc,w\n")
        let report = try await Ingest.enqueue(sheet(path), into: store, options: .init(skipsBadRows: true))
        #expect(report.new == 2)
        #expect(report.invalid == 2)
        #expect(report.problems.map(\.problem.line) == [3, 4])
    }

    @Test func `A changed row under a known id is refused by name`() async throws {
        let store = try await store()
        let path = try folder.file("jobs.csv", "id,prompt\na,x\n")
        _ = try await Ingest.enqueue(sheet(path), into: store)
        _ = try folder.file("jobs.csv", "id,prompt\na,changed\nb,new\n")
        #expect(
            await refusal(sheet(path), store).contains(
                "row 'a' differs from what batch 'jobs' holds under that id"))
    }

    @Test func `Several files make one batch, and their rows without ids are numbered through`() async throws
    {
        let store = try await store()
        let one = try folder.file("one.csv", "prompt\na\nb\n")
        let two = try folder.file("two.jsonl", "{\"prompt\":\"c\"}\n")
        let report = try await Ingest.enqueue(sheet(one, two), into: store)
        #expect(report.batch == "one")
        #expect(report.new == 3)
        let record = try #require(try await store.batch(named: "one"))
        var keys: [String] = []
        try await store.answers(of: record.id, including: .everything) { keys.append($0.customID) }
        #expect(keys == ["1", "2", "3"])
    }

    @Test func `With several files each bad row is named with its file`() async throws {
        let store = try await store()
        let one = try folder.file("one.csv", "id,prompt\na,x\n")
        let two = try folder.file("two.csv", "id,prompt\nb\na,x\n")
        let text = await refusal(sheet(one, two), store)
        #expect(text.contains("two.csv, line 2: it has 1 field"))
        #expect(text.contains("two.csv, line 3: the id 'a' appears twice (first on line 2)"))
    }

    @Test func `An OpenAI batch file and a table do not mix`() async throws {
        let store = try await store()
        let line =
            #"{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"u"}]}}"#
        let one = try folder.file("one.jsonl", line + "\n")
        let two = try folder.file("two.csv", "prompt\nx\n")
        #expect(await refusal(sheet(one, two), store).contains("cannot go into one batch"))
        #expect(try await Ingest.enqueue(sheet(one), into: store).new == 1)
        #expect(try await store.batch(named: "one")?.settings.rowFormat == .openAIBatch)
    }

    @Test func `Files that cannot be read are refused in one sentence`() async throws {
        let store = try await store()
        #expect(await refusal(sheet(folder.path + "/no.csv"), store) == "no.csv: there is no such file")
        #expect(await refusal(sheet(folder.path), store).contains("is a folder; name the files in it"))
        let empty = try folder.file("empty.csv", "")
        #expect(await refusal(sheet(empty), store) == "empty.csv is empty")
        #expect(await refusal(sheet(empty, prompt: "{{x"), store) == "empty.csv is empty")
    }

    @Test func `A fatal fault late in a file leaves nothing behind`() async throws {
        let store = try await store()
        let text = "id,prompt\n" + (1...3000).map { "\($0),x\n" }.joined() + "last,\"open\n"
        let path = try folder.file("jobs.csv", text)
        #expect(
            await refusal(sheet(path), store).contains("jobs.csv, line 3002, byte 6: a quote is opened here"))
        #expect(try await store.batches().isEmpty)
    }

    @Test func `A dry run counts and stores nothing`() async throws {
        let store = try await store()
        let priced = ModelName("openai/dry")!
        try await store.add(prices: [
            Price(
                model: priced, effectiveFrom: Timestamp(milliseconds: 0),
                rates: .init(input: Picodollars(150_000), output: Picodollars(600_000)), source: "test")
        ])
        let path = try folder.file(
            "jobs.csv",
            "prompt,model,max_tokens\naaaabbbbcccc,openai/dry,10\naaaa,,\naaaabbbb,openai/dry,20\n")
        var sheet = sheet(path)
        sheet.model = ModelName("vllm/unpriced")
        let report = try await Ingest.dryRun(sheet, into: store)
        #expect(report.jobs == 3)
        #expect(report.models.map(\.model.description) == ["openai/dry", "vllm/unpriced"])
        // 3 + 2 tokens of text, and 4 for each of the two turns.
        #expect(report.models[0].inputTokens == 13)
        #expect(report.models[0].outputTokensMax == 30)
        #expect(report.models[0].costMax == Picodollars(13 * 150_000 + 30 * 600_000))
        #expect(report.models[1].jobsWithoutLimit == 1)
        #expect(report.costMax == nil)
        #expect(try await store.batches().isEmpty)
    }

    @Test func `Rows of a sheet are enqueued with their lines`() async throws {
        let store = try await store()
        let path = try folder.file(
            "job.yaml",
            "model: simulator/sim-small\nprompt: 'Say {{word}}'\nrows:\n  - word: a\n  - wort: b\n")
        #expect(
            await refusal(try JobSheet.reading(path), store).contains(
                "line 5: the prompt template names the column 'word', which is not there (did you mean 'wort'?); "
                    + "the columns are: wort"
            ))
    }

    @Test func `A row's long system prompt comes back with its answer`() async throws {
        let store = try await store()
        let system = String(repeating: "Mind the gap. ", count: 30)
        let path = try folder.file("jobs.csv", "id,System,prompt\na,\(system),x\nb,\(system),y\n")
        _ = try await Ingest.enqueue(sheet(path), into: store)
        let record = try #require(try await store.batch(named: "jobs"))
        var systems: [JSON?] = []
        try await store.answers(of: record.id, including: .everything) { systems.append($0.input["System"]) }
        #expect(systems == [.string(system), .string(system)])
    }
}
