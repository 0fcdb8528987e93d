import OrderedCollections
import ParleyCore
import Testing

@Suite struct `Batch settings` {
    @Test func `What is stored comes back, and no schema stays no schema`() {
        let plain = BatchSettings(model: ModelName("openai/gpt"), promptTemplate: "{{question}}")
        #expect(BatchSettings(json: plain.json, system: nil) == plain)
        #expect(BatchSettings(json: plain.json, system: nil).schema == Optional<JSON>.none)
        let full = BatchSettings(
            model: ModelName("openai/gpt"), fallbacks: [ModelName(provider: "ollama", model: "llama")],
            system: "Be brief.", maxTokens: 5, temperature: 0.5, options: ["seed": 7],
            schema: ["type": "object"],
            schemaRetriesMax: 3, streams: true)
        #expect(BatchSettings(json: full.json, system: "Be brief.") == full)
    }

    @Test func `A batch from before answers were checked asks again once, and differs in nothing`() {
        let settings = BatchSettings(model: ModelName("openai/gpt"), schema: ["type": "object"])
        var members = settings.json.objectValue ?? [:]
        members["schema_retries"] = nil
        let old = BatchSettings(json: .object(members), system: nil)
        #expect(old.schemaRetriesMax == 1)
        #expect(old.differences(from: settings).isEmpty)
    }

    @Test func `A line of a batch file says in which form it wants its answer, or leaves it to the batch`() {
        var settings = BatchSettings(rowFormat: .openAIBatch, schema: ["type": "object"])
        func row(_ format: JSON?) -> JSON { ["body": .object(format.map { ["response_format": $0] } ?? [:])] }
        #expect(settings.schema(ofRow: row(nil)) == ["type": "object"])
        #expect(settings.schema(ofRow: row(.null)) == ["type": "object"])
        #expect(settings.schema(ofRow: row(["type": "text"])) == nil)
        let own: JSON = ["type": "json_schema", "json_schema": ["schema": ["type": "array"]]]
        #expect(settings.schema(ofRow: row(own)) == ["type": "array"])
        settings.rowFormat = .columns
        #expect(settings.schema(ofRow: row(own)) == ["type": "object"])
    }
}
