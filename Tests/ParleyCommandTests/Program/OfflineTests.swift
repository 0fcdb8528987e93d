import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Offline` {
    @Test func `The first local model of the chain answers`() async throws {
        let parley = try ParleyProgram(["OPENAI_API_KEY": "k"])
        try parley.questions(3)
        let run = try await parley(
            "run questions.csv -m openai/gpt-5.4 --fallback groq/x --fallback simulator/sim-small --offline --json"
        )
        #expect(run.status == 0)
        #expect(try run.json["done"] == 3)
        #expect(try run.json["simulated"] == true)
        #expect(
            try await parley("results questions").lines.first?["model"]?.stringValue?.hasPrefix("simulator/")
                == true)
        #expect(try await parley("failures list --json").json["count"] == 0)
    }

    @Test(arguments: [["PARLEY_OFFLINE": "1"], [:]])
    func `The variable and the settings choose it as the option does`(variables: [String: String])
        async throws
    {
        let parley = try ParleyProgram(variables.merging(["OPENAI_API_KEY": "k"]) { $1 })
        try parley.questions(1)
        try parley.file("config.yaml", variables.isEmpty ? "offline: true\n" : "")
        let run = try await parley("run questions.csv -m openai/gpt-5.4 --config config.yaml")
        #expect(run.status == 3)
        #expect(
            run.errors
                == "parley: openai is not on this machine, and parley is to stay offline: only local providers are asked\n"
        )
    }

    @Test func `A batch without a local model stops the run with a sentence and keeps its jobs`() async throws
    {
        let parley = try ParleyProgram(["OPENAI_API_KEY": "k"])
        try parley.questions(2)
        #expect(try await parley("enqueue questions.csv -m openai/gpt-5.4").status == 0)
        let run = try await parley("run questions --offline --json")
        #expect(run.status == 3)
        #expect(try run.json["stopped"] == "providers")
        #expect(try run.json["waiting"] == 2)
        #expect(run.errors.contains("only local providers are asked"))
    }

    @Test func `The last resort of the settings answers where nobody else does`() async throws {
        let parley = try ParleyProgram(["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"])
        try parley.questions(2)
        try parley.file("config.yaml", "last_resort: simulator/sim-small\ndefault_model: openai/gpt-5.4\n")
        let run = try await parley("run questions.csv --config config.yaml --json")
        #expect(run.status == 0)
        #expect(try run.json["done"] == 2)
        #expect(try run.json["simulated"] == true)
    }

    @Test func `A role that is not there answers as the default one, with a warning`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(1)
        try parley.file("config.yaml", "roles: {default: {model: simulator/sim-small}}\n")
        let run = try await parley("run questions.csv --role judge --config config.yaml")
        #expect(run.status == 0)
        #expect(run.errors.contains("There is no role 'judge' in the settings: the role 'default' answers"))
        #expect(try await parley("report cost --by role --json").output.contains("judge"))
    }

    @Test func `A budget needs no price for a model on this machine`() async throws {
        let parley = try ParleyProgram([
            "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OLLAMA_HOST": "127.0.0.1:1",
        ])
        try parley.questions(1)
        let local = try await parley(
            "run questions.csv -b one -m openai/gpt-5.4-mini --fallback ollama/llama3.2 --budget 1")
        #expect(local.status == 3 && !local.errors.contains("a budget needs a price"))
        let remote = try await parley(
            "run questions.csv -b two -m openai/gpt-5.4-mini --fallback openai/never-heard-of --budget 1")
        #expect(remote.status == 1 && remote.errors.contains("a budget needs a price"))
    }
}
