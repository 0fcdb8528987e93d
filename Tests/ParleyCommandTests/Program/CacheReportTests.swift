import Foundation
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3)), .serialized) struct `What the caches saved` {
    private static let template = "{{document}}\n\nQ: {{question}}"

    /// Documents of 8,000 characters, each with so many questions in a row.
    private func documents(_ count: Int, questions: Int, in parley: ParleyProgram) throws {
        let rows = (1...count).flatMap { number in
            let text = "Report \(number): " + String(repeating: "line \(number) of it. ", count: 600)
            return (1...questions).map {
                "d\(number)q\($0),\(text.prefix(8000)),What is \($0) + \(number)?\n"
            }
        }
        try parley.file("docs.csv", "id,document,question\n" + rows.joined())
    }

    private func run(
        _ model: String, as batch: String, order: String, in parley: ParleyProgram
    ) async throws {
        let run = try await parley.start([
            "run", "docs.csv", "-b", batch, "-m", "simulator/\(model)", "-p", Self.template, "--order", order,
            "--concurrency", "4", "--max-tokens", "20", "-q",
        ]).outcome()
        try #require(run.status == 0)
    }

    private static let prices = """
        {"simulator/claude-sonnet-5": {"litellm_provider": "simulator", "mode": "chat", "input_cost_per_token": 3e-06,
         "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3e-07,
         "cache_creation_input_token_cost": 3.75e-06}}
        """

    @Test func `The order of sending is told apart from the order of arrival, and both from no cache`()
        async throws
    {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "200"])
        try documents(4, questions: 6, in: parley)
        try parley.file("prices.json", Self.prices)
        try await run("sim-small", as: "warm-up", order: "arrival", in: parley)
        #expect(try await parley("prices import prices.json").status == 0)
        try await run("claude-sonnet-5", as: "good", order: "cache", in: parley)
        try await run("claude-sonnet-5", as: "bad", order: "arrival", in: parley)

        let good = try await parley("report cache --by prefix --batch good --json").json
        let rows = try #require(good["rows"]?.arrayValue)
        #expect(
            rows.count == 4 && rows.allSatisfy { $0["requests"] == 6 && $0["tokens"]?.intValue ?? 0 > 1500 })
        #expect(rows.contains { $0["begins"]?.stringValue?.hasPrefix("Report 1: line 1 of it.") == true })
        let total = try #require(good["total"])
        #expect(total["hits"]?.intValue ?? 0 >= 16 && total["cache_share"]?.doubleValue ?? 0 > 0.6)
        // The file has each document's questions in a row: four of one would have gone at once.
        #expect(total["arrival"]?["saved_tokens"]?.intValue ?? 0 > 0)
        #expect(total["arrival"]?["saved_usd"]?.stringValue?.hasPrefix("0.0") == true)
        // Reading costs a tenth, writing a quarter more.
        let read = try #require(total["usage"]?["cache_read"]?.intValue)
        let written = try #require(total["usage"]?["cache_write"]?.intValue)
        let saved = Picodollars(Int64(read * 2_700_000 - written * 750_000))
        #expect(read > 0 && written > 0 && total["saved_usd"]?.stringValue == saved.dollars)

        let bad = try await parley("report cache --by batch,prefix --batch bad --json").json
        let misses = try #require(bad["should_have_hit"]?.arrayValue)
        #expect(misses.contains { $0["reason"] == "not_ready" && $0["requests"]?.intValue ?? 0 >= 2 })
        let text = try await parley("report cache --by prefix --batch bad").output
        #expect(text.contains("Should have hit and did not") && text.contains("Run with --order cache"))

        let all = try await parley("report cache").output
        #expect(all.contains("\nsaved against no cache       $0."))
        #expect(all.contains("\nsaved against arrival order  $0."))
    }

    @Test(arguments: ["gpt-5", "gpt-5.6", "deepseek-chat"])
    func `Each model is judged by its own cache's rules, and without a price nothing is free`(model: String)
        async throws
    {
        let parley = try ParleyProgram(["PARLEY_SIMULATE_LATENCY_MS": "30"])
        try documents(2, questions: 18, in: parley)
        try await run(model, as: "docs", order: "cache", in: parley)
        let report = try await parley("report cache --by prefix --json").json
        #expect(report["total"]?["requests"] == 36 && report["total"]?["saved_usd"] == .null)
        let reasons = Set(
            (report["should_have_hit"]?.arrayValue ?? []).compactMap { $0["reason"]?.stringValue })
        // With 18 requests a minute each document needs a second machine where requests a minute are limited.
        #expect(reasons.contains("overflow") == (model == "gpt-5"))
        #expect(try await parley("report cache").output.contains("saved against no cache       unpriced"))
    }

    @Test func `Wrong keys are told in a sentence`() async throws {
        let parley = try ParleyProgram()
        let outcome = try await parley("report cost --by prefix")
        #expect(
            outcome.status == 64 && outcome.errors.contains("--by prefix is for `parley report cache` only"))
    }
}
