import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import parley

@Suite struct `Settings file` {
    private func read(_ yaml: String) throws -> ConfigFile { try ConfigFile(yaml: yaml, path: "config.yaml") }

    private func refusal(_ yaml: String) -> String {
        do {
            _ = try read(yaml)
            return ""
        } catch { return "\(error)" }
    }

    @Test func `Models, roles, providers and prompts are read`() throws {
        let config = try read(
            """
            database: /data/parley.db
            default_model: openai/gpt-5.4-mini
            last_resort: ollama/llama3.2
            offline: true
            roles:
              judge:
                model: anthropic/claude-sonnet-5
                temperature: 0
                max_tokens: 200
                fallback: [openai/gpt-5.4, ollama/llama3.2]
              quick: {model: lab/small, fallback: openai/gpt-5.4-mini}
            providers:
              lab:
                dialect: ollama
                base_url: "http://gpu.example:8000/"
                key_variable: LAB_KEY
                local: true
                tools: on-refusal
                cache: marks
                headers: {X-Title: research}
            prompts:
              plain: "Read {{text}}"
              whole: {system: Be brief., prompt: "Read {{text}}", summary: a text}
            """)
        #expect(config.database == "/data/parley.db")
        #expect(config.defaultModel == ModelName("openai/gpt-5.4-mini"))
        #expect(config.lastResort == ModelName("ollama/llama3.2"))
        #expect(config.isOffline)
        #expect(config.roles["judge"]?.fallbacks.map(\.description) == ["openai/gpt-5.4", "ollama/llama3.2"])
        #expect(config.roles["judge"]?.temperature == 0 && config.roles["judge"]?.maxTokens == 200)
        #expect(config.roles["quick"]?.fallbacks.map(\.description) == ["openai/gpt-5.4-mini"])
        #expect(config.prompts.map(\.name) == ["plain", "whole"])
        #expect(config.prompts.last?.system == "Be brief.")
    }

    @Test func `A provider of the user's own has its dialect, address, key and ways`() throws {
        let lab = try #require(
            read(
                """
                providers:
                  lab: {dialect: ollama, base_url: "http://gpu:8000/", key_variable: LAB_KEY, local: true,
                    tools: on-refusal, cache: marks, headers: {X-Title: research}}
                """
            ).providers["lab"])
        #expect(lab.dialect == .ollama && lab.baseURL == "http://gpu:8000")
        #expect(lab.keyVariable == "LAB_KEY" && lab.needsKey && lab.isLocal)
        #expect(lab.baseURLVariable == "LAB_BASE_URL")
        #expect(lab.quirks.toolEmulation == .onRefusal && lab.quirks.cacheHint == .marks)
        #expect(lab.headers == ["x-title": "research"])
    }

    @Test(arguments: [
        ("native", ProviderEntry.ToolEmulation.never), ("emulated", .always), ("on-refusal", .onRefusal),
    ])
    func `Tools are native, emulated, or emulated on refusal`(
        word: String, emulation: ProviderEntry.ToolEmulation
    ) throws {
        let config = try read("providers: {lab: {base_url: 'http://x', tools: \(word)}}")
        #expect(config.providers["lab"]?.quirks.toolEmulation == emulation)
        #expect(config.providers["lab"]?.needsKey == false)
    }

    @Test func `A built-in provider keeps what is not said of it`() throws {
        let config = try read("providers: {openrouter: {base_url: 'https://proxy.example/v1'}}")
        let built = try Catalogue.builtIn.entry("openrouter")
        let own = try #require(config.providers["openrouter"])
        #expect(own.baseURL == "https://proxy.example/v1")
        #expect(own.keyVariable == built.keyVariable && own.quirks == built.quirks)
    }

    @Test func `A misspelt key is an error with its place and the nearest known one`() {
        #expect(
            throws: ConfigFileError(
                path: "config.yaml", line: 2, column: 1,
                reason: "there is no setting 'defualt_model'; did you mean 'default_model'?")
        ) { try read("database: x\ndefualt_model: a/b\n") }
    }

    @Test(arguments: [
        (
            "default_model: gpt",
            "config.yaml:1:16: default_model: it must be written provider/model, not 'gpt'"
        ),
        (
            "last_resort: olama/x",
            "config.yaml:1:14: last_resort: there is no provider 'olama'; did you mean 'ollama'?"
        ),
        (
            "roles:\n  a:\n    model: openai/b\n    fallback: [opnai/b]",
            "config.yaml:4:15: roles.a.fallback: there is no provider 'opnai'; did you mean 'openai'?"
        ),
        (
            "roles:\n  a: {temperature: hot, model: a/b}",
            "config.yaml:2:20: roles.a.temperature: it must be a number of at least 0"
        ),
        (
            "roles:\n  a: {max_tokens: 0, model: a/b}",
            "config.yaml:2:19: roles.a.max_tokens: it must be a whole number above 0"
        ),
        ("roles:\n  a: {}", "config.yaml:2:6: roles.a: the role needs a model"),
        (
            "roles:\n  a: {modle: a/b}",
            "config.yaml:2:7: roles.a: there is no setting 'modle'; did you mean 'model'?"
        ),
        ("offline: maybe", "config.yaml:1:10: offline: it must be true or false"),
        (
            "providers:\n  lab: {dialect: antropic, base_url: 'http://x'}",
            "config.yaml:2:18: providers.lab.dialect: it cannot be 'antropic'; did you mean 'anthropic'? "
                + "(known are openai-chat, openai-responses, anthropic, ollama)"
        ),
        ("providers:\n  lab: {}", "config.yaml:2:8: providers.lab: the provider needs a base_url"),
        (
            "providers:\n  lab: {base_url: lab.example}",
            "config.yaml:2:19: providers.lab.base_url: this is no base URL: it must start with http:// or https://"
        ),
        (
            "prompts:\n  a: {system: 'Hi {{name}}', prompt: x}",
            "config.yaml:2:15: prompts.a.system: a system prompt is the same for every row: put {{variables}} into "
                + "the prompt"
        ),
        (
            "prompts:\n  a: 'Hi {{name'",
            "config.yaml:2:6: prompts.a: the prompt template is broken at character 4: '{{' is never closed with '}}'"
        ),
        (
            "prompts:\n  a b: x",
            "config.yaml:2:8: prompts.a b: a prompt's name holds letters, digits, '-', '_' and '.' only"
        ),
        ("prompts:\n  a: {system: x}", "config.yaml:2:6: prompts.a: it needs a prompt"),
        ("- a", "config.yaml:1:1: the settings must be a mapping of keys to values"),
        ("a: b\na: c", "config.yaml:1:1: a: the key stands twice"),
    ])
    func `What is wrong is named with its place and its key`(yaml: String, sentence: String) {
        #expect(refusal(yaml) == sentence)
    }

    @Test func `What is no YAML is named with its line`() {
        #expect(refusal("a: [").hasPrefix("config.yaml:2:1: this is not YAML: "))
    }

    @Test(arguments: [
        "providers: {lab: {base_url: 'http://x', api_key: sk-abcdefgh1234}}",
        "providers: {lab: {base_url: 'http://x', token: abcdefgh}}",
        "providers: {lab: {base_url: 'http://x', key_variable: sk-abcdefgh1234}}",
        "providers: {lab: {base_url: 'http://x', key_variable: AIzaSyabcdefgh1234}}",
        "providers: {lab: {base_url: 'http://x', headers: {x-secret: sk-abcdefgh1234}}}",
        "providers: {lab: {base_url: 'http://x', headers: {x-secret: a1b2c3d4e5f6a1b2c3d4e5f6}}}",
        "providers: {lab: {base_url: 'http://x', headers: {Authorization: abcdefgh}}}",
        "providers: {lab: {base_url: 'http://user:abcdefgh@x'}}",
    ])
    func `A key in the settings is refused, and never repeated`(yaml: String) {
        let sentence = refusal(yaml)
        #expect(!sentence.isEmpty)
        #expect(!sentence.contains("abcdefgh") && !sentence.contains("a1b2c3"))
    }

    @Test(arguments: ["research", "2026-01-31", "https://example.com/my-long-project-name-for-1", "sk"])
    func `What only resembles a key is a value`(text: String) {
        #expect(!KeyShape.fits(text))
    }

    @Test(arguments: ["", "# only a comment\n", "roles:\nprompts: ~\n"])
    func `An empty file, and a key without a value, say nothing`(yaml: String) throws {
        #expect(try read(yaml) == ConfigFile())
    }

    @Test func `Who asks which model is known`() throws {
        let config = try read(
            "default_model: openai/a\nlast_resort: ollama/b\nroles: {x: {model: openai/c, fallback: groq/d}}")
        #expect(config.uses.map(\.by) == ["default model", "x", "x's fallback", "last resort"])
        #expect(config.uses.map(\.model.description) == ["openai/a", "openai/c", "groq/d", "ollama/b"])
    }
}
