import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import parley

@Suite struct `Who is checked` {
    private func targets(
        _ words: [String] = [], _ settings: String = "", _ environment: [String: String] = [:],
        isOffline: Bool = false
    ) throws -> [String: [String]] {
        let config = try ConfigFile(yaml: settings, path: "config.yaml")
        let targets = try CheckTargets(
            catalogue: .with(config), config: config, environment: environment, isOffline: isOffline
        ).targets(for: words)
        return Dictionary(uniqueKeysWithValues: targets.map { ($0.key.text, Array($0.value)) })
    }

    @Test func `Without a word it is who has a key, who is named by the settings, and who is pointed at`()
        throws
    {
        #expect(try targets() == [:])
        #expect(try targets([], "", ["GROQ_API_KEY": "k"]) == ["groq": []])
        #expect(try targets([], "", ["OLLAMA_HOST": "gpu"]) == ["ollama": []])
        #expect(try targets([], "", ["OPENAI_BASE_URL": "http://x"]) == [:])
        #expect(try targets([], "providers: {lab: {base_url: 'http://x'}}") == ["lab": []])
        #expect(
            try targets([], "roles: {a: {model: openai/x, fallback: [openai/y, groq/z]}}")
                == ["openai": ["x", "y"], "groq": ["z"]])
    }

    @Test func `A word is a provider with the models of the settings, or one model`() throws {
        let settings = "default_model: openai/x"
        #expect(try targets(["openai", "groq"], settings) == ["openai": ["x"], "groq": []])
        #expect(try targets(["openai/y", "openai/z"], settings) == ["openai": ["y", "z"]])
        #expect(try targets(["openrouter/meta/llama"]) == ["openrouter": ["meta/llama"]])
    }

    @Test func `An unknown provider is a slip on the command line`() {
        let failure = #expect(throws: CommandFailure.self) { try targets(["opnai"]) }
        #expect(failure?.status == .usage)
        #expect(failure?.description == "there is no provider 'opnai'; did you mean 'openai'?")
    }

    @Test func `Offline only the local ones are left`() throws {
        let settings = "default_model: openai/x\nlast_resort: ollama/y"
        #expect(try targets([], settings, isOffline: true) == ["ollama": ["y"]])
    }
}
