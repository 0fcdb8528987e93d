import ConversationStore
import OrderedCollections
import ParleyCore
import Testing

@testable import parley

@Suite struct `Settings file` {
    private func read(_ yaml: String) throws -> ConfigFile { try ConfigFile(yaml: yaml, path: "config.yaml") }

    @Test func `Models, roles and providers are read`() throws {
        let config = try read(
            """
            database: /data/parley.db
            default_model: openai/gpt-5.4-mini
            roles:
              judge:
                model: anthropic/claude-sonnet-5
                temperature: 0
                max_tokens: 200
                fallback: [openai/gpt-5.4, ollama/llama3.2]
            providers:
              lab: {dialect: openai-chat, base_url: "http://127.0.0.1:8000/v1", key_variable: LAB_KEY}
            """)
        #expect(config.database == "/data/parley.db")
        #expect(config.defaultModel == ModelName("openai/gpt-5.4-mini"))
        #expect(config.roles["judge"]?.fallbacks.map(\.description) == ["openai/gpt-5.4", "ollama/llama3.2"])
        #expect(config.roles["judge"]?.temperature == 0)
        #expect(config.roles["judge"]?.maxTokens == 200)
        #expect(config.providers["lab"]?.baseURL == "http://127.0.0.1:8000/v1")
        #expect(config.providers["lab"]?.keyVariable == "LAB_KEY")
    }

    @Test func `A misspelt key is an error with its line and the nearest known one`() {
        #expect(
            throws: ConfigFileError(
                path: "config.yaml", line: 2,
                reason: "there is no setting 'defualt_model'; did you mean 'default_model'?")
        ) { try read("database: x\ndefualt_model: a/b\n") }
    }

    @Test(arguments: [
        ("default_model: gpt", 1, "'default_model' must be written provider/model, not 'gpt'"),
        ("roles:\n  a: {temperature: hot, model: a/b}", 2, "'temperature' must be a number"),
        ("providers:\n  lab: {dialect: french, base_url: x}", 2, "'dialect' cannot be 'french'"),
        ("providers:\n  lab: {}", 2, "the provider 'lab' needs a base_url"),
        ("- a", 1, "the settings must be a mapping of keys to values"),
        ("a: [", 1, "no YAML"),
    ])
    func `What is wrong is named with its line`(yaml: String, line: Int, reason: String) throws {
        let error = try #require(throws: ConfigFileError.self) { try read(yaml) }
        #expect(error.reason.contains(reason))
        #expect(error.line.map { abs($0 - line) <= 1 } == true)
    }

    @Test func `An empty file says nothing`() throws {
        #expect(try read("") == ConfigFile())
        #expect(try read("# only a comment\n") == ConfigFile())
    }
}

@Suite struct `Standard folders` {
    @Test func `XDG variables are followed, relative ones are not`() {
        let set = Directories(environment: [
            "HOME": "/h", "XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/etc/me",
        ])
        #expect(set?.database == "/data/parley/parley.db")
        #expect(set?.configFile == "/etc/me/parley/config.yaml")
        let relative = Directories(environment: ["HOME": "/h", "XDG_DATA_HOME": "data"])
        #expect(relative?.database == "/h/.local/share/parley/parley.db")
        #expect(Directories(environment: [:]) == nil)
    }
}

@Suite struct `Options` {
    @Test func `A request option is JSON where it can be, else text`() {
        #expect(RequestOption(argument: "temperature=0.2")?.value == 0.2)
        #expect(RequestOption(argument: "effort=low")?.value == "low")
        #expect(RequestOption(argument: "stop=[\"a\"]")?.value == ["a"])
        #expect(RequestOption(argument: "temperature") == nil)
    }

    @Test func `Dollars are read exactly`() {
        #expect(Dollars(argument: "$0.15")?.amount == Picodollars(150_000_000_000))
        #expect(Dollars(argument: "free") == nil)
        #expect(Dollars(argument: "-1") == nil)
    }

    @Test func `What looks like a file is one, and the rest are batches`() {
        let targets = RunTargets(["a.csv", "questions", "./x", "-", "there"]) { $0 == "there" }
        #expect(targets.files == ["a.csv", "./x", "-", "there"])
        #expect(targets.batches == ["questions"])
    }

    @Test func `Words for a shell are quoted where they must be`() {
        #expect(ShellWord.quoted("questions-2") == "questions-2")
        #expect(ShellWord.quoted("it's mine") == "'it'\\''s mine'")
        #expect(ShellWord.quoted("") == "''")
    }

    @Test func `Grouping keys come with commas, each once`() {
        #expect(GroupingKeys(argument: "model, day")?.dimensions == [.model, .day])
        #expect(GroupingKeys(argument: "model,model") == nil)
        #expect(GroupingKeys(argument: "colour") == nil)
    }
}
