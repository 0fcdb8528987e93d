import BatchExecutor
import ConversationStore
import Logging
import OrderedCollections
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Schemas of what is enqueued` {
    private func sentence(_ read: () throws -> Void) -> String {
        do {
            try read()
            return "nothing was wrong"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        (
            #"{"properties": {"a": {"type": "text"}}}"#,
            "schema.json: /properties/a/type: "
        ),
        (
            #"{"type": "object", "unevaluatedProperties": false}"#,
            "schema.json: /unevaluatedProperties: "
        ),
        ("{\n\"type\": }", "schema.json, line 2, column 9: this is not JSON: "),
        ("[1]", "a schema must be an object"),
    ])
    func `A schema in a file is refused with its file and the place in it`(text: String, words: String) throws
    {
        let folder = try Folder()
        let path = try folder.file("schema.json", text)
        #expect(sentence { _ = try SchemaFile.reading(path) }.contains(words))
        let sheet = try folder.file("job.yaml", "input: rows.csv\nschema: schema.json\n")
        #expect(sentence { _ = try JobSheet.reading(sheet) }.contains(words))
    }

    @Test func `What to do about it is said`() throws {
        let folder = try Folder()
        let wrong = try folder.file("a.json", #"{"minimum": "1"}"#)
        #expect(sentence { _ = try SchemaFile.reading(wrong) }.hasSuffix("; correct it"))
        let strange = try folder.file("b.json", #"{"$dynamicRef": "x"}"#)
        #expect(sentence { _ = try SchemaFile.reading(strange) }.hasSuffix("or leave it out"))
    }

    @Test func `A schema within a sheet is refused with line, key and place`() throws {
        let folder = try Folder()
        let path = try folder.file("job.yaml", "input: rows.csv\nschema:\n  type: object\n  required: city\n")
        #expect(sentence { _ = try JobSheet.reading(path) }.contains("job.yaml:2: schema: /required: "))
    }

    @Test(arguments: ["-1", "11", "some", "1.5"])
    func `The retries of a sheet are a number from 0 to 10`(value: String) throws {
        let folder = try Folder()
        let path = try folder.file("job.yaml", "input: rows.csv\nschema_retries: \(value)\n")
        #expect(
            sentence { _ = try JobSheet.reading(path) }
                .contains("schema_retries: it must be a whole number from 0 to 10, this is '\(value)'"))
        _ = try folder.file("job.yaml", "input: rows.csv\nschema_retries: 0\n")
        #expect(try JobSheet.reading(path).settings.schemaRetriesMax == 0)
    }

    @Test func `Nothing is stored of a batch whose schema cannot be used`() async throws {
        let folder = try Folder()
        let store = try await Store.open(at: folder.path + "/parley.db")
        let rows = try folder.file("rows.csv", "id,prompt\na,b\n")
        let sheet = JobSheet(files: [JobFile(rows)], model: ModelName("a/b"), schema: ["type": "text"])
        await #expect(throws: IngestError.self) { try await Ingest.enqueue(sheet, into: store) }
        #expect(try await store.batches().isEmpty)
        await store.close()
    }

    private static func line(_ id: String, _ schema: String) -> String {
        #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":{"model":"simulator/sim-small","#
            + #""messages":[{"role":"user","content":"go"}],"response_format":{"type":"json_schema","#
            + #""json_schema":{"name":"x","schema":\#(schema)}}}}"# + "\n"
    }

    @Test func `A line of a batch file with a schema that cannot be used is a bad row`() async throws {
        let folder = try Folder()
        let store = try await Store.open(at: folder.path + "/parley.db")
        let path = try folder.file(
            "rows.jsonl",
            Self.line("a", #"{"type":"object"}"#) + Self.line("b", #"{"items":{"type":"text"}}"#)
                + Self.line("c", #"{"type":"object"}"#))
        let sheet = JobSheet(files: [JobFile(path)])
        await #expect {
            try await Ingest.enqueue(sheet, into: store)
        } throws: {
            "\($0)".contains("line 2: the schema in response_format: /items/type: ")
        }
        let report = try await Ingest.enqueue(sheet, into: store, options: .init(skipsBadRows: true))
        #expect(report.new == 2 && report.invalid == 1)
        await store.close()
    }

    @Test func `Each line of a batch file is checked by its own schema`() async throws {
        let bench = try await RunnerBench()
        let folder = try Folder()
        let path = try folder.file(
            "rows.jsonl",
            Self.line("a", #"{"required":["a"]}"#) + Self.line("b", #"{"required":["b"]}"#)
                + Self.line("c", #"{"required":["c"]}"#).replacing("json_schema", with: "json_object"))
        _ = try await Ingest.enqueue(JobSheet(files: [JobFile(path)], batch: "rows"), into: bench.store)
        let batch = try #require(try await bench.store.batch(named: "rows"))
        let provider = ScriptedProvider { (request, _) throws(Failure) in
            var completion = Completion.fixture(answering: request)
            completion.text = #"{"a":1}"#
            return completion
        }
        let summary = try await bench.runner(provider).run(batches: [batch])
        #expect(summary.done == 2 && summary.failed == 1 && summary.requests == 4)
        let answers = try await bench.answers(of: batch)
        #expect(answers.map(\.state) == ["done", "failed", "done"])
        #expect(answers.map(\.object) == [["a": 1], nil, nil])
        await bench.close()
    }
}
