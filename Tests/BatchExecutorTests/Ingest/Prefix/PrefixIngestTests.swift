import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

/// The same requests have the same keys, in whichever file they come.
@Suite struct PrefixIngestTests {
    private static let document = String(repeating: "A line of it, \"quoted\" and ünïcode.\n", count: 60)
    private static let rules = String(repeating: "Mind the gap. ", count: 100)

    private static func csv(_ rows: [JSONObject]) -> String {
        let names = rows[0].keys.joined(separator: ",")
        let lines = rows.map { row in
            row.values.map { "\"" + $0.plainText.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
        }
        return ([names] + lines).joined(separator: "\n") + "\n"
    }

    private static func lines(_ rows: [JSONObject]) -> String {
        rows.map { JSON.object($0).text() + "\n" }.joined()
    }

    private static func batch(_ messages: [JSON]) -> String {
        messages.enumerated().map { index, messages in
            let line: JSON = [
                "custom_id": .string("r\(index)"), "method": "POST", "url": "/v1/chat/completions",
                "body": ["messages": messages],
            ]
            return line.text() + "\n"
        }.joined()
    }

    private func keys(
        _ text: String, as format: JobFileFormat, _ settings: BatchSettings = .fixture()
    ) throws -> [PrefixKey?] {
        let read = try ReadRows.of(text, as: format, settings: settings)
        #expect(read.problems.isEmpty)
        return read.rows.map(\.prefix)
    }

    @Test func `A prompt column`() throws {
        let prompts = ["\(Self.document)Why?", "\(Self.document)Who?", "Short."]
        let rows = prompts.map { prompt -> JSONObject in ["prompt": .string(prompt)] }
        let keys = try keys(Self.csv(rows), as: .csv)
        #expect(keys[0] != nil && keys[0] == keys[1] && keys[2] == nil)
        #expect(try self.keys(Self.lines(rows), as: .jsonl) == keys)
        let messages = prompts.map { JSON.array([["role": "user", "content": .string($0)]]) }
        #expect(try self.keys(Self.batch(messages), as: .openAIBatch) == keys)
    }

    @Test func `A system prompt of the row's own`() throws {
        let rows = ["Why?", "Who?"].map { question -> JSONObject in
            ["system": .string(Self.rules), "prompt": .string(question)]
        }
        let keys = try keys(Self.csv(rows), as: .csv)
        #expect(keys[0] != nil && keys[0] == keys[1])
        #expect(try self.keys(Self.lines(rows), as: .jsonl) == keys)
        let messages = ["Why?", "Who?"].map { question -> JSON in
            [
                ["role": "system", "content": .string(Self.rules)],
                ["role": "user", "content": .string(question)],
            ]
        }
        #expect(try self.keys(Self.batch(messages), as: .openAIBatch) == keys)
    }

    @Test func `Turns, of which all but the last are shared`() throws {
        // Less than two kilobytes in all, more than one of them before the question.
        let turns = ["Why?", "Who?"].map { question -> JSON in
            [
                ["role": "user", "content": .string(Self.rules)], ["role": "assistant", "content": "Yes."],
                ["role": "user", "content": .string(question)],
            ]
        }
        let rows = turns.map { turns -> JSONObject in ["messages": turns] }
        let keys = try keys(Self.lines(rows), as: .jsonl)
        #expect(keys[0] != nil && keys[0] == keys[1])
        let cells = turns.map { turns -> JSONObject in ["messages": .string(turns.text())] }
        #expect(try self.keys(Self.csv(cells), as: .csv) == keys)
        #expect(try self.keys(Self.batch(turns), as: .openAIBatch) == keys)
    }

    @Test(arguments: [
        "Read {{doc}}\nand say: {{q}}", "{{doc}}", "{{kind}}\n\(rules)\n{{q}}",
        "{{kind}}{{doc}}{{q}}\(rules)",
        "{{q}}\n\(rules)\(rules)",
    ])
    func `A template, with text between its columns and behind them`(template: String) throws {
        let rows = ["Why?", "Who?"].map { question -> JSONObject in
            ["doc": .string(Self.document), "kind": "billing", "q": .string(question)]
        }
        let settings = BatchSettings.fixture(prompt: template)
        let keys = try keys(Self.lines(rows), as: .jsonl, settings)
        #expect(keys[0] != nil)
        #expect(try self.keys(Self.csv(rows), as: .csv, settings) == keys)
    }

    @Test func `A schema before a system prompt of the row's own`() throws {
        var settings = BatchSettings.fixture()
        settings.schema = ["type": "object", "description": .string(Self.rules)]
        let rows: [JSONObject] = [["system": "Be brief.", "prompt": "Why?"]]
        let keys = try keys(Self.lines(rows), as: .jsonl, settings)
        #expect(keys[0] != nil)
        #expect(try self.keys(Self.csv(rows), as: .csv, settings) == keys)
    }

    @Test func `The store has the keys, and hands them out with the jobs`() async throws {
        let folder = try Folder()
        let store = try await Store.open(at: folder.path + "/parley.db")
        let rows = ["Why?", "Who?"].map { question -> JSONObject in
            ["prompt": .string(Self.document + question)]
        }
        let path = try folder.file("jobs.csv", Self.csv(rows))
        _ = try await Ingest.enqueue(
            JobSheet(files: [JobFile(path)], model: ModelName("simulator/sim-small")), into: store)
        let worker = try await store.register(WorkerIdentity(host: "here", pid: 1, started: 1))
        let jobs = try await store.lease(upTo: 9, worker: worker, for: .seconds(60))
        let keys = try keys(Self.csv(rows), as: .csv)
        #expect(jobs.map(\.prefix) == keys)
        #expect(jobs.map(\.mates) == [.none, .none] && jobs[0].prefix != nil)
    }
}
