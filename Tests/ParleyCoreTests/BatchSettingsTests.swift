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
            streams: true)
        #expect(BatchSettings(json: full.json, system: "Be brief.") == full)
    }
}
