import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Bad input` {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var name = "jobs.csv"
        /// Nil = there is no such file.
        var bytes: [UInt8]?
        var options = ""
        let sentence: String

        init(
            _ title: String, name: String = "jobs.csv", _ text: String?, options: String = "",
            sentence: String
        ) {
            testDescription = title
            self.name = name
            bytes = text.map { Array($0.utf8) }
            self.options = options
            self.sentence = sentence
        }
    }

    static let cases: [Case] = [
        Case("no such file", nil, sentence: "there is no such file"),
        Case("an empty file", "", sentence: "is empty"),
        Case("only a header", "id,prompt\n", sentence: "holds no rows"),
        Case(
            "an unbalanced quote", "id,prompt\na,\"hello\nb,c\n",
            sentence: "a quote is opened here and never closed"),
        Case(
            "a missing column", "id,question\na,b\n", options: "-p {{topic}}",
            sentence: "names the column 'topic'"),
        Case("duplicate ids", "id,prompt\na,b\na,c\n", sentence: "the id 'a' appears twice"),
        Case("JSON cut short", name: "jobs.json", "[{\"id\":\"a\",\"prompt\":\"b\"},", sentence: "cut short"),
        Case(
            "JSON lines cut short", name: "jobs.jsonl", "{\"id\":\"a\",\"prompt\":\"b\"}\n{\"id\":",
            sentence: "cut short"),
        Case("a job sheet with a wrong key", name: "jobs.yaml", "inptu: a.csv\n", sentence: "input"),
    ]

    /// Nothing half stored: no database, or one without a batch.
    private func expectNothingStored(by parley: ParleyProgram) async throws {
        let status = try await parley("status --json")
        #expect(status.status == 1 || status.output == "[]\n")
    }

    @Test(arguments: cases) func `A file that cannot be used is refused in one sentence`(bad: Case)
        async throws
    {
        let parley = try ParleyProgram()
        if let bytes = bad.bytes { try Data(bytes).write(to: parley.home.appending(path: bad.name)) }
        for command in ["enqueue", "run"] {
            let outcome = try await parley("\(command) \(bad.name) -m simulator/sim-small \(bad.options)")
            #expect(outcome.status == 1)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("parley: "))
            #expect(outcome.errors.contains(bad.sentence), "\(outcome.errors)")
            #expect(outcome.errors.contains(bad.name))
        }
        try await expectNothingStored(by: parley)
    }

    @Test func `Text that is not UTF-8 is refused with its place`() async throws {
        let parley = try ParleyProgram()
        try Data("id,prompt\na,caf".utf8 + [0xE9] + "\n".utf8).write(
            to: parley.home.appending(path: "jobs.csv"))
        let outcome = try await parley("enqueue jobs.csv -m simulator/sim-small")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("jobs.csv, line 2"))
        #expect(outcome.errors.contains("is not UTF-8"))
        try await expectNothingStored(by: parley)
    }

    @Test(arguments: [
        ("run jobs.csv -m opanai/gpt", "there is no provider 'opanai'; did you mean 'openai'?"),
        ("run jobs.csv -m gpt", "'gpt' is no model; write provider/model"),
        ("run --rpm none", "--rpm"), ("run --limit-timeout 0", "--limit-timeout"),
        ("run --concurrency 0", "--concurrency is 0, but must be from 1 to 4096"),
        ("run jobs --model simulator/sim-small", "--model holds for files only"),
        ("fly", "fly"),
        ("report --by colour", "--by"),
        ("report --since soon", "'soon' is no date"),
        ("report --timezone Nowhere/At_All", "is no time zone"),
    ])
    func `A wrong command line is refused with status 64`(command: String, sentence: String) async throws {
        let parley = try ParleyProgram()
        try parley.file("jobs.csv", "id,prompt\na,b\n")
        let outcome = try await parley(command)
        #expect(outcome.status == 64)
        #expect(outcome.errors.hasPrefix("parley: "))
        #expect(outcome.errors.contains(sentence), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.output.isEmpty)
        try await expectNothingStored(by: parley)
    }

    @Test func `An unknown batch names the nearest one`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(1)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small")
        for command in ["run", "status", "results", "retry", "pause", "unpause", "cancel"] {
            let outcome = try await parley("\(command) qeustions")
            #expect(outcome.status == 1)
            #expect(outcome.errors == "parley: there is no batch 'qeustions'; did you mean 'questions'?\n")
        }
    }

    @Test func `A changed row under a known id is named, and nothing is overwritten`() async throws {
        let parley = try ParleyProgram()
        try parley.file("jobs.csv", "id,prompt\na,b\n")
        _ = try await parley("enqueue jobs.csv -m simulator/sim-small")
        try parley.file("jobs.csv", "id,prompt\na,changed\n")
        let outcome = try await parley("enqueue jobs.csv -m simulator/sim-small")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("'a'"))
        #expect(try await parley("results jobs --partial").lines.first?["input"]?["prompt"] == "b")
    }

    @Test func `A settings file with a misspelt key is refused with its line`() async throws {
        let parley = try ParleyProgram()
        try parley.file("config.yaml", "default_model: simulator/sim-small\nproviderz: {}\n")
        let outcome = try await parley("status --config config.yaml")
        #expect(outcome.status == 1)
        #expect(
            outcome.errors
                == "parley: config.yaml:2:1: there is no setting 'providerz'; did you mean 'providers'?\n")
    }
}
