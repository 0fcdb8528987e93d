import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Structured answers by command` {
    private static let schema = """
        {"type": "object", "additionalProperties": false, "required": ["result", "sure", "steps"],
         "properties": {"result": {"type": "string"}, "sure": {"type": "boolean"},
                        "steps": {"type": "array", "items": {"type": "string"}}, "note": {"type": "null"}}}
        """

    /// A simulator in which half of the answers break their schema.
    private func faulty() throws -> ParleyProgram {
        let parley = try ParleyProgram([
            "PARLEY_SIMULATE_ERROR_RATE": "0.5", "PARLEY_SIMULATE_FAULT": "invalid",
        ])
        try parley.questions(20)
        try parley.file("schema.json", Self.schema)
        return parley
    }

    @Test func `The results have a column for each property, in the order of the schema`() async throws {
        let parley = try faulty()
        let run = try await parley(
            "run questions.csv -m simulator/sim-small --schema schema.json --schema-retries 10 --json")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.json["done"] == 20)
        #expect(try run.json["retries"]?.intValue ?? 0 > 0)

        let table = try await parley("results questions --format csv").output.split(
            whereSeparator: \.isNewline)
        #expect(
            table.first?.hasPrefix(
                "id,prompt,answer,object.result,object.sure,object.steps,object.note,state,model") == true)
        #expect(table.count == 21)
        #expect(table[1].contains(#"}",2,"#))
        let answers = try await parley("results questions").lines
        #expect(answers.allSatisfy { $0["object"]?["steps"]?.arrayValue != nil })
        #expect(try await parley("db check").status == 0)
        #expect(try await parley("report cost --json").json["total"]?["cost_usd"] == run.json["cost_usd"])
    }

    @Test func `What stays invalid fails, is listed by its kind, and keeps its text`() async throws {
        let parley = try faulty()
        let run = try await parley(
            "run questions.csv -m simulator/sim-small --schema schema.json --schema-retries 0 --json")
        #expect(run.status == 2)
        let failed = try run.json["failed"]?.intValue ?? 0
        #expect(failed > 0)
        #expect(try run.json["simulated"] == true)

        let answers = try await parley("results questions --partial").lines.filter { $0["state"] == "failed" }
        #expect(answers.count == failed)
        #expect(answers.allSatisfy { $0["object"] == .null && $0["answer"]?.stringValue?.isEmpty == false })
        #expect(answers.allSatisfy { $0["error"]?["kind"] == "invalidAnswer" })
        let list = try await parley("failures list --kind invalidAnswer --json").json
        #expect(list["by_kind"]?.arrayValue?.first?["count"] == .int(failed))
        #expect(try await parley("failures list").output.contains("invalidAnswer"))
    }

    @Test func `Every dialect brings the schema to the model`() async throws {
        let home = try ParleyProgram()
        let (server, url) = try await home.simulator()
        for dialect in ["openai-chat", "openai-responses", "anthropic", "ollama"] {
            for (json, keyword) in [
                ("all", "maxLength"), ("all", "title"), ("none", "title"), ("objects-only", "title"),
            ] {
                let root =
                    dialect == "anthropic" || dialect == "ollama" ? url.replacing("/v1", with: "") : url
                let parley = try ParleyProgram()
                try parley.file(
                    "config.yaml",
                    """
                    providers:
                      lab: {dialect: \(dialect), base_url: "\(root)", json: \(json), local: true}
                    """)
                try parley.file(
                    "schema.json",
                    """
                    {"type": "object", "additionalProperties": false, "required": ["result"],
                     "properties": {"result": {"type": "string", "\(keyword)": \(keyword == "title" ? "\"x\"" : "400")}}}
                    """)
                try parley.questions(2)
                let run = try await parley(
                    "run questions.csv --config config.yaml -m lab/sim-small --schema schema.json --json")
                #expect(run.status == 0, "\(dialect) \(json) \(keyword): \(run.errors)")
                #expect(try run.json["requests"] == 2, "\(dialect) \(json) \(keyword)")
            }
        }
        server.signal(SIGTERM)
        _ = try await server.outcome()
    }

    @Test(arguments: [
        (#"{"properties": {"a": {"minimum": "1"}}}"#, "parley: schema.json: /properties/a/minimum: "),
        (#"{"unevaluatedItems": false}"#, "parley: schema.json: /unevaluatedItems: "),
        ("{", "parley: schema.json, line 1, column 2: this is not JSON: "),
    ])
    func `A schema that cannot be used is refused in one sentence, and nothing is stored`(
        schema: String, sentence: String
    ) async throws {
        let parley = try ParleyProgram()
        try parley.questions(2)
        try parley.file("schema.json", schema)
        for command in ["enqueue", "run"] {
            let outcome = try await parley(
                "\(command) questions.csv -m simulator/sim-small --schema schema.json")
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix(sentence), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
        }
        #expect(!parley.exists("Library") && !parley.exists(".local/share/parley/parley.db"))
    }

    @Test func `The number of retries has its limits`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(1)
        let outcome = try await parley("enqueue questions.csv -m simulator/sim-small --schema-retries 11")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--schema-retries is 11, but must be from 0 to 10"))
        let late = try await parley("run --schema-retries 2")
        #expect(late.errors.contains("--schema-retries holds for files only"))
    }
}
