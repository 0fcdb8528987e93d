import OrderedCollections
import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `Report pages` {
    let priced = BilledUsage.fixture()
    let unpriced = BilledUsage.fixture(requests: 3, failures: 0, cost: 0, unpriced: 3)

    @Test func `A model without a price is named and never shown as free`() {
        let page = CostPage(
            scope: ReportScope(), groups: .fixture([("openai/gpt", priced), ("lab/new", unpriced)]),
            unpricedModels: ["lab/new"])
        #expect(
            page.text == """
                Cost, all time (UTC)

                model       requests  failed  input  cached  output                  cost
                ─────────────────────────────────────────────────────────────────────────
                openai/gpt        10       1  1,000  40.0 %     200               $0.0213
                lab/new            3       0  1,000  40.0 %     200              unpriced
                ─────────────────────────────────────────────────────────────────────────
                total             13       1  2,000  40.0 %     400  $0.0213 + 3 unpriced

                3 answers have no price (lab/new); their cost is not in the sums. `parley
                prices import FILE` adds prices for what comes.

                """)
        #expect(page.json["rows"]?.arrayValue?.last?["cost_usd"] == .null)
        #expect(page.json["total"]?["cost_usd"] == "0.0213")
        #expect(page.json["total"]?["unpriced"] == 3)
        #expect(page.csv.split(separator: "\r\n").last == "lab/new,3,0,600,400,0,200,0,,3")
    }

    @Test
    func `The cache page says how much of the input was read from a cache and how the saving is computed`() {
        let usage = Usage(inputUncached: 600, cacheRead: 400, output: 5)
        let line = GroupedUsage.Line(
            keys: ["openai/gpt"], billed: BilledUsage(requests: 1, usage: usage),
            saving: CacheSaving(of: usage, at: .fixture(input: 100, cacheRead: 10)))
        let page = CachePage(scope: ReportScope(), groups: GroupedUsage(by: ["model"], lines: [line]))
        #expect(page.json["total"]?["cache_share"] == 0.4)
        #expect(page.json["total"]?["saved_usd"] == "0.000000036")
        #expect(page.text.contains("saved = cached tokens at the plain input rate"))
    }

    @Test func `A cache that is only written is a loss, and one without a price is not counted`() {
        let written = Usage(cacheWrite5m: 100)
        #expect(
            CacheSaving(of: written, at: .fixture(input: 100, cacheWrite: 125)).amount == Picodollars(-2500))
        let unknown = CacheSaving(of: written, at: nil)
        #expect(unknown.known == nil)
        #expect(unknown.tokensUnpriced == 100)
    }

    @Test func `The overview counts jobs, tokens and money`() {
        let groups = GroupedUsage.fixture([("openai/gpt", priced)])
        let page = OverviewPage(
            scope: ReportScope(batch: "questions"), jobs: [.done: 9, .failed: 1], byModel: groups,
            byBatch: groups)
        #expect(
            page.text.hasPrefix(
                """
                Period    all time (UTC), batch questions
                Jobs now  10: 9 done, 1 failed
                Requests  10, 1 of them failed
                Input     1,000 tokens, 40.0 % from a cache
                Output    200 tokens
                Cost      $0.0213

                """))
        #expect(page.json["jobs"]?["done"] == 9)
    }

    @Test func `Requests whose outcome nobody knows are told apart from the sums`() {
        let groups = GroupedUsage.fixture([("openai/gpt", priced)])
        let page = OverviewPage(
            scope: ReportScope(), jobs: [.done: 10], byModel: groups, byBatch: groups, unknownRequests: 587)
        #expect(page.text.contains("587 requests had been sent when the run was cut off"))
        #expect(page.json["unknown_requests"] == 587)
        let sound = OverviewPage(scope: ReportScope(), jobs: [:], byModel: groups, byBatch: groups)
        #expect(!sound.text.contains("nobody knows"))
    }

    @Test func `What was reused is told beside the bill, with what it would have cost`() {
        let groups = GroupedUsage.fixture([("openai/gpt", priced)])
        let reused = ReusedUsage(
            answers: 1200, collapsed: 1000, usage: Usage(output: 7), saved: Picodollars(1_500_000_000_000),
            unpriced: 3)
        let words =
            "1,200 answers, 1,000 of them for identical rows; they would have cost $1.50 + 3 unpriced"
        #expect(reused.text == words)
        let page = OverviewPage(
            scope: ReportScope(), jobs: [:], byModel: groups, byBatch: groups, reused: reused)
        #expect(page.text.contains("Reused    \(words)\n"))
        #expect(page.json["reused"]?["saved_usd"] == "1.50" && page.json["reused"]?["answers"] == 1200)
        let cost = CostPage(scope: ReportScope(), groups: groups, reused: reused)
        #expect(cost.text.contains("Reused: 1,200 answers") && cost.json["reused"] == page.json["reused"])
        #expect(ReusedUsage(answers: 2, unpriced: 2).knownSaving == nil)
        #expect(ReusedUsage(answers: 1).text == "1 answer; it would have cost $0.00")
        #expect(!CostPage(scope: ReportScope(), groups: groups).text.contains("Reused"))
    }

    @Test func `Nothing asked is said in words`() {
        let page = CostPage(scope: ReportScope(), groups: GroupedUsage(by: ["model"], lines: []))
        #expect(page.text == "Cost, all time (UTC)\n\nNothing was asked in that time.\n")
        #expect(page.json["rows"] == .array([]))
    }

    @Test func `Days come in their order and all else by cost`() {
        let cheap = BilledUsage.fixture(cost: 1)
        let dear = BilledUsage.fixture(cost: 2)
        #expect(
            GroupedUsage.fixture([("a", cheap), ("b", dear), ("a", cheap)]).lines.map(\.billed.requests) == [
                20, 10,
            ])
        #expect(
            GroupedUsage.fixture(by: ["day"], [("2025-01-02", dear), ("2025-01-01", cheap)]).lines.map(\.keys)
                == [["2025-01-01"], ["2025-01-02"]])
    }

    @Test func `A cell that looks like a formula is made harmless`() {
        #expect(CSVText.line(["=1+1", "-3", "a,\"b\""]) == "'=1+1,-3,\"a,\"\"b\"\"\"\r\n")
    }
}
