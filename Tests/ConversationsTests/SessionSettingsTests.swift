import OrderedCollections
import ParleyCore
import Testing

@Suite struct `The settings of a conversation` {
    @Test func `Come back as they were stored`() {
        let settings = SessionSettings(
            fallbacks: [ModelName(provider: "ollama", model: "llama3.2")], maxTokens: 5, temperature: 0.5,
            options: ["seed": 7], schema: ["type": "object"], tools: ["clock"])
        #expect(SessionSettings(json: settings.json) == settings)
        #expect(SessionSettings().json == .object([:]))
        #expect(SessionSettings(json: .object([:])) == SessionSettings())
    }
}
