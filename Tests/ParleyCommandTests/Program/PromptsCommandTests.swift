import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Prompts by name` {
    private func home() throws -> ParleyProgram {
        let parley = try ParleyProgram()
        try parley.file(
            "config.yaml",
            """
            prompts:
              sum: {system: You add., prompt: "What is {{a}} + {{b}}?", summary: two numbers}
            """)
        try parley.file("sums.csv", "id,a,b\nx,3,4\n")
        return parley
    }

    @Test func `They are listed and shown, built in and from the settings`() async throws {
        let parley = try home()
        let list = try #require(try await parley("prompts list --config config.yaml --json").json.arrayValue)
        #expect(
            list.map { $0["name"] } == [
                "summarize", "classify", "extract-json", "translate", "rewrite", "sum",
            ])
        #expect(list.last?["variables"] == ["a", "b"] && list.last?["from"] == "settings")
        #expect(try await parley("prompts list").output.contains("@classify      labels, text    built-in"))
        let shown = try await parley("prompts show @sum --config config.yaml --json").json
        #expect(shown["system"] == "You add." && shown["prompt"] == "What is {{a}} + {{b}}?")
        #expect(try await parley("prompts show translate").output.contains("variables  language, text"))
        let unknown = try await parley("prompts show translat")
        #expect(unknown.status == 1 && unknown.errors.contains("did you mean '@translate'?"))
    }

    @Test func `A run takes one by its name, and the batch keeps its text`() async throws {
        let parley = try home()
        let run = try await parley("run sums.csv -m simulator/sim-small -p @sum --config config.yaml")
        #expect(run.status == 0)
        let answer = try #require(try await parley("results sums").lines.first)
        #expect(answer["answer"]?.stringValue?.contains("7") == true)
        #expect(
            try await parley("enqueue sums.csv -m simulator/sim-small -p @sum --config config.yaml").status
                == 0)
        let other = try await parley("enqueue sums.csv -m simulator/sim-small -p", "What is {{a}} + {{b}}?")
        #expect(other.errors.contains("other settings (system)"), "\(other.errors)")
    }

    @Test func `A job file names one, too`() async throws {
        let parley = try home()
        try parley.file("sums.yaml", "input: sums.csv\nmodel: simulator/sim-small\nprompt: '@sum'\n")
        #expect(try await parley("run sums.yaml --config config.yaml").status == 0)
        #expect(try await parley("results sums").lines.first?["answer"]?.stringValue?.contains("7") == true)
    }

    @Test func `An unknown name and a missing column say what there is`() async throws {
        let parley = try home()
        let unknown = try await parley("enqueue sums.csv -m simulator/sim-small -p @sun --config config.yaml")
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("did you mean '@sum'?") && unknown.errors.contains("@rewrite"))
        let missing = try await parley("enqueue sums.csv -m simulator/sim-small -p @translate")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("names the column 'language', which the file does not have"))
        #expect(missing.errors.contains("the columns are: id, a, b"))
        let near = try await parley("enqueue sums.csv -m simulator/sim-small -p", "{{idd}}")
        #expect(near.errors.contains("(did you mean 'id'?)"))
    }

    @Test func `A text that begins with @ is written with two`() async throws {
        let parley = try home()
        let run = try await parley("run sums.csv -m simulator/sim-small -p", "@@What is {{a}} + {{b}}?")
        #expect(run.status == 0)
        #expect(
            try await parley("enqueue sums.csv -m simulator/sim-small -p", "@What is {{a}}?").status == 64)
    }
}
