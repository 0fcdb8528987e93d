import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct JobSheetTests {
    private func read(_ text: String) throws -> JobSheet {
        try JobSheetReader(file: "s.yaml", folder: "jobs/").read(text)
    }

    private func refusal(_ text: String) -> String {
        do {
            _ = try read(text)
            return ""
        } catch { return "\(error)" }
    }

    @Test func `A sheet says a whole batch`() throws {
        let sheet = try read(
            """
            # a comment
            input: rows.csv
            batch: capitals
            model: openai/gpt-4o-mini
            fallback: [anthropic/claude-haiku-4-5, ollama/llama3.2]
            system: |
              Be brief.
              Be right.
            prompt: "Capital of {{country}}?"
            schema: {type: object, properties: {capital: {type: string}}}
            limits: {concurrency: 8, rpm: 500, tpm: 20000}
            budget_usd: 0.25
            max_tokens: 20
            temperature: 0.0
            options: {seed: 7, version: "1.0", answer: no}
            stream: true
            max_attempts: 3
            priority: -2
            deadline: 2h
            timeout: 90s
            reuse: true
            collapse: false
            id_column: code
            """)
        #expect(sheet.files == [JobFile("jobs/rows.csv")])
        #expect(sheet.batchName == "capitals")
        #expect(sheet.fallbacks?.map(\.description) == ["anthropic/claude-haiku-4-5", "ollama/llama3.2"])
        #expect(sheet.system == "Be brief.\nBe right.\n")
        #expect(
            sheet.limits
                == BatchLimits(
                    concurrency: 8, requestsPerMinute: 500, tokensPerMinute: 20000,
                    requestTimeout: .seconds(90), budget: Picodollars(dollars: "0.25"),
                    reuse: true, collapse: false))
        #expect(sheet.deadline == .after(.seconds(7200)))
        #expect(sheet.options == ["seed": 7, "version": "1.0", "answer": "no"])
        #expect(sheet.priority == -2)
        #expect(sheet.idColumn == "code")
        #expect(sheet.settings.streams)
        #expect(sheet.settings.attemptsMax == 3)
        #expect(sheet.settings.promptTemplate == "Capital of {{country}}?")
    }

    @Test func `Rows may stand in the sheet itself`() throws {
        let sheet = try read(
            """
            model: simulator/sim-small
            prompt: "{{word}} {{n}}"
            rows:
              - {word: on, n: 1_0}
              - word: "2"
                n: 2.50
            """)
        #expect(
            sheet.files.first?.origin
                == .rows([
                    .init(value: ["word": "on", "n": "1_0"], line: 4),
                    .init(value: ["word": "2", "n": .number("2.50")], line: 5),
                ]))
        #expect(sheet.batchName == "s")
    }

    @Test(arguments: [
        ("input: a\nmodle: x/y\n", "s.yaml:2: there is no key 'modle'; did you mean 'model'?"),
        ("input: a\nlimits: {rmp: 5}\n", "s.yaml:2: there is no key 'rmp' in 'limits'; did you mean 'rpm'?"),
        (
            "input: a\nmodel: gpt-4o\n",
            "s.yaml:2: model: 'gpt-4o' names no provider; write provider/model, such as openai/gpt-4o"
        ),
        (
            "input: a\nlimits:\n  rpm: fast\n",
            "s.yaml:3: limits.rpm: it must be a whole number of at least 1, this is 'fast'"
        ),
        (
            "input: a\nbudget_usd: lots\n",
            "s.yaml:2: budget_usd: it must be an amount in dollars, such as 0.50; this is 'lots'"
        ),
        ("input: a\nstream: maybe\n", "s.yaml:2: stream: it must be true or false, this is 'maybe'"),
        (
            "input: a\ntemperature: -1\n",
            "s.yaml:2: temperature: it must be a number of at least 0, this is '-1'"
        ),
        (
            "input: a\nprompt: '{{x'\n",
            "s.yaml:2: prompt: the prompt template is broken at character 1: '{{' is never closed with '}}'"
        ),
        ("input: a\noptions: [1]\n", "s.yaml:2: options: it must hold keys with values, this is an array"),
        ("input: a\nrows: []\n", "s.yaml:1: input: a sheet has 'input' or 'rows', not both"),
        ("model: a/b\n", "s.yaml:1: input: it is missing: name the file with the rows"),
        (
            "input: a\nformat: xls\n",
            "s.yaml:2: format: there is no format 'xls'; use auto, csv, tsv, json, jsonl, openai-batch"
        ),
        ("- a\n", "s.yaml:1: a job sheet is a list of keys with values, such as 'input: questions.csv'"),
        ("input: a\ninput: b\n", "s.yaml:1: input: the key stands twice"),
        ("", "s.yaml is empty"),
    ])
    func `What is wrong with a sheet is told with file, line and key`(text: String, sentence: String) {
        #expect(refusal(text) == sentence)
    }

    @Test func `Broken YAML is told with its line`() {
        #expect(refusal("input: a\nlimits: {rpm: 1\nmodel: x/y\n").hasPrefix("s.yaml:3: this is not YAML: "))
    }

    @Test func `What the command line says wins over the sheet`() throws {
        let sheet = try read("input: a.csv\nmodel: x/y\nmax_tokens: 5\noptions: {a: 1, b: 2}\n")
        let both = sheet.overlaid(by: JobSheet(batch: "b", role: "judge", options: ["b": 3]))
        #expect(both.files == sheet.files)
        #expect(both.model == nil)
        #expect(both.role == "judge")
        #expect(both.maxTokens == 5)
        #expect(both.options == ["a": 1, "b": 3])
    }

    @Test func `A schema may stand in a file beside the sheet`() throws {
        let folder = try Folder()
        _ = try folder.file("schema.json", #"{"type": "object"}"#)
        let path = try folder.file("job.yaml", "input: rows.csv\nschema: schema.json\n")
        let sheet = try JobSheet.reading(path)
        #expect(sheet.schema == ["type": "object"])
        #expect(sheet.files == [JobFile(folder.path + "/rows.csv")])
        _ = try folder.file("schema.json", "{\n\"type\": }")
        #expect(throws: IngestError.self) { try JobSheet.reading(path) }
    }

    @Test func `A sheet among other files is refused`() {
        #expect(throws: IngestError.self) { try JobSheet.gathered(files: ["a.csv", "b.yaml"]) }
    }
}
