import OrderedCollections
import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `The page by prefix` {
    private static let million = Price.fixture(input: 2_000_000, cacheRead: 200_000, cacheWrite: 2_500_000)

    /// Two documents: one is read as it should be, the other was sent too early once.
    private func page(price: Price? = Self.million, isReplayed: Bool = true) -> PrefixPage {
        let requests: [CachedRequest] = [
            .fixture(1, at: 0, .one, written: 2000, price: price),
            .fixture(3, at: 10, .two, written: 2000, price: price),
            .fixture(4, at: 20, .two, written: 2000, price: price),
            .fixture(2, at: 400, .one, read: 2000, price: price),
            .fixture(5, at: 500, .two, read: 2000, price: price),
        ]
        var result = lines(of: requests)
        if !isReplayed { for index in result.indices { result[index].arrival = nil } }
        let rows = result.map { line in
            PrefixPage.Row(
                batch: "docs", opening: "Report \(line.name.text.last!) of\n the year 2026", line: line)
        }
        return PrefixPage(scope: ReportScope(), rows: rows, notReplayed: isReplayed ? nil : 1_000_000)
    }

    @Test func `It has a line for each prefix, what should have hit, and how all is computed`() {
        #expect(
            page().text == """
                Cache by prefix, all time (UTC)

                batch  prefix    begins                     requests     hit  hit share   read  written     saved  against arrival  more read
                ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
                docs   00000002  Report 2 of the year 2026         3  33.3 %     31.7 %  2,000    4,000  $0.00160        -$0.00460     -2,000
                docs   00000001  Report 1 of the year 2026         2  50.0 %     47.6 %  2,000    2,000  $0.00260         $0.00460      2,000
                ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
                total                                              5  40.0 %     38.1 %  4,000    6,000  $0.00420         $0.00000          0

                Should have hit and did not

                batch  prefix    begins                     why        requests  tokens
                ───────────────────────────────────────────────────────────────────────
                docs   00000002  Report 2 of the year 2026  not ready         1   2,000

                not ready: sent before the first token of the request that wrote the beginning
                had come. Run with --order cache, in one process rather than several.

                (common) = what a batch says for all of its rows
                hit = requests that read anything from a cache / all requests
                hit share = tokens read from a cache / all input tokens
                saved = the same tokens at the plain input rate, less what the input did cost,
                at the price that was used
                arrival order is computed: the jobs in the order of their file at the same
                moments of sending, by the rules of each model's cache (least length, first
                token, lifetime, requests a minute), each beginning as long as the most that
                was read or written of it

                """)
    }

    @Test func `The JSON has exact amounts, and each miss with its reason`() throws {
        let json = page().json
        #expect(json["report"] == "cache" && json["by"] == ["prefix"])
        let row = try #require(json["rows"]?.arrayValue?.last)
        #expect(
            row.objectValue?.keys == [
                "batch", "model", "prefix", "begins", "tokens", "first_at", "last_at", "requests", "hits",
                "hit_share", "usage", "cache_share", "input_cost_usd", "unpriced", "saved_usd",
                "saved_unpriced_tokens", "arrival",
            ])
        #expect(row["prefix"] == "00000001" && row["tokens"] == 2000 && row["hit_share"] == 0.5)
        #expect(row["input_cost_usd"] == "0.0058" && row["saved_usd"] == "0.0026")
        #expect(row["arrival"]?["saved_tokens"] == 2000 && row["arrival"]?["saved_usd"] == "0.0046")
        #expect(json["total"]?["requests"] == 5 && json["total"]?["saved_usd"] == "0.0042")
        let miss = try #require(json["should_have_hit"]?.arrayValue?.first)
        #expect(miss["prefix"] == "00000002" && miss["reason"] == "not_ready")
        #expect(miss["requests"] == 1 && miss["tokens"] == 2000)
        #expect(json["arrival_method"]?.stringValue?.contains("computed") == true)
    }

    @Test func `The CSV has a line for each prefix`() {
        let rows = page().csv.split(separator: "\r\n").map { String($0) }
        let names = """
            batch,model,prefix,begins,tokens,requests,hits,input_total,cache_read,cache_write,cache_share,input_cost_usd,\
            saved_usd,arrival_saved_tokens,arrival_saved_usd,missed_too_short,missed_not_ready,missed_expired,\
            missed_overflow,missed_changed
            """
        let second = """
            docs,openai/gpt,00000002,Report 2 of the year 2026,2000,3,1,6300,2000,4000,0.3175,0.011,0.0016,-2000,-0.0046,\
            0,1,0,0,0
            """
        let first = """
            docs,openai/gpt,00000001,Report 1 of the year 2026,2000,2,1,4200,2000,2000,0.4762,0.0058,0.0026,2000,0.0046,\
            0,0,0,0,0
            """
        #expect(rows == [names, second, first])
    }

    @Test func `What has no price is unpriced, and what was not replayed says how to have it`() {
        let unpriced = page(price: nil)
        #expect(unpriced.text.contains("unpriced") && !unpriced.text.contains("$"))
        #expect(unpriced.json["total"]?["saved_usd"] == .null)
        #expect(unpriced.json["total"]?["arrival"]?["saved_usd"] == .null)
        let large = page(isReplayed: false)
        #expect(large.text.contains("against arrival order: not computed for 1,000,000 requests at once"))
        #expect(large.json["total"]?["arrival"] == .null)
    }

    @Test func `Where nothing should have hit it says so, and where nothing was asked too`() {
        let good = lines(of: [.fixture(1, at: 0), .fixture(2, at: 400, read: 2000)])
        let page = PrefixPage(
            scope: ReportScope(), rows: good.map { PrefixPage.Row(batch: "b", opening: "", line: $0) })
        #expect(page.text.contains("Every request that could have hit did.\n"))
        let nothing = PrefixPage(scope: ReportScope(), rows: [])
        #expect(nothing.text == "Cache by prefix, all time (UTC)\n\nNo batch was asked in that time.\n")
    }

    @Test func `First words stand on one line, without control characters, and are at most 32 long`() {
        #expect(OpeningText.short("  a\r\n\t b\u{1B}[31m\u{202E}c ") == "a b [31m c")
        let long = OpeningText.short(String(repeating: "word ", count: 20))
        #expect(long.count == 32 && long.hasSuffix("…"))
    }

    @Test func `The page by model ends with what was saved, or with how to find out`() {
        let usage = Usage(inputUncached: 600, cacheRead: 400, output: 5)
        let line = GroupedUsage.Line(
            keys: ["openai/gpt"], billed: BilledUsage(requests: 1, usage: usage),
            saving: CacheSaving(of: usage, at: .fixture(input: 100_000_000, cacheRead: 10_000_000)))
        let groups = GroupedUsage(by: ["model"], lines: [line])
        let saving = OrderSaving(tokens: 1234, amount: Picodollars(20_000_000_000), requests: 1)
        let page = CachePage(scope: ReportScope(), groups: groups, order: .replayed(saving))
        #expect(
            page.text.hasSuffix(
                """
                saved against no cache       $0.0360
                saved against arrival order  $0.0200, 1,234 tokens more from caches

                """))
        #expect(page.json["arrival"]?["saved_usd"] == "0.02")
        let large = CachePage(scope: ReportScope(), groups: groups, order: .tooMany(300_000))
        #expect(large.text.contains("not computed for 300,000 requests at once; --batch NAME tells it"))
        #expect(large.json["arrival"] == .null)
    }
}
