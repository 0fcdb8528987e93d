import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

@Suite struct JobExamplesTests {
    private static let folder =
        URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
        .dropFirst() + "/jobs/"

    private func dryRun(_ name: String, said: JobSheet = JobSheet()) async throws -> DryRunReport {
        let folder = try Folder()
        let store = try await Store.open(at: folder.path + "/parley.db")
        let sheet = try JobSheet.gathered(files: [Self.folder + name], said: said)
        return try await Ingest.dryRun(sheet, into: store)
    }

    private let simulator = ModelName("simulator/sim-small")

    @Test func `The questions are a table with prompts`() async throws {
        #expect(try await dryRun("questions.csv", said: JobSheet(model: simulator)).new == 302)
    }

    @Test func `The reviews need a template`() async throws {
        let said = JobSheet(model: simulator, prompt: "{{product}}: {{review}}")
        #expect(try await dryRun("reviews.jsonl", said: said).new == 60)
        await #expect(throws: IngestError.self) {
            try await dryRun("reviews.jsonl", said: JobSheet(model: simulator))
        }
    }

    @Test func `The translations bring everything with them`() async throws {
        let report = try await dryRun("translate.openai-batch.jsonl")
        #expect(report.new == 40)
        #expect(report.models.map(\.model.description) == ["simulator/sim-small"])
        #expect(report.outputTokensMax == 40 * 60)
    }

    @Test func `The capitals are a sheet with limits`() async throws {
        #expect(try await dryRun("capitals.yaml").new == 64)
        let sheet = try JobSheet.reading(Self.folder + "capitals.yaml")
        #expect(sheet.limits.requestsPerMinute == 600)
    }

    @Test func `The support sheet has a long prompt and a schema that may be sent strict`() async throws {
        #expect(try await dryRun("support-triage.yaml").new == 24)
        let sheet = try JobSheet.reading(Self.folder + "support-triage.yaml")
        #expect(sheet.system?.split(whereSeparator: \.isWhitespace).count ?? 0 > 1500)
        #expect(SchemaStrictness.allows(try #require(sheet.schema)))
    }
}
