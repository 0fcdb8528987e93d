import ParleyCore
import Testing
import UsageReport

@Suite struct `Numbers for people` {
    @Test func `Thousands are grouped`() {
        #expect(
            [0, 999, 1000, 1_234_567, -1234].map(Figures.grouped) == [
                "0", "999", "1,000", "1,234,567", "-1,234",
            ])
    }

    @Test func `Fast figures keep three digits`() {
        #expect(
            [0, 950, 999.7, 41_234, 999_600, 3_400_000].map(Figures.compact)
                == ["0", "950", "1.00k", "41.2k", "1.00M", "3.40M"])
    }

    @Test func `A share of nothing is a dash, and only all of it is a hundred percent`() {
        #expect(Figures.percent(1, of: 0) == "–")
        #expect(Figures.percent(634, of: 1000) == "63.4 %")
        #expect(Figures.wholePercent(199, of: 200) == "99 %")
        #expect(Figures.wholePercent(200, of: 200) == "100 %")
    }

    @Test func `A duration shows its two largest units`() {
        let durations: [Duration] = [.zero, .seconds(8), .seconds(72), .seconds(7500), .seconds(273_600)]
        #expect(durations.map(Figures.duration) == ["0 s", "8 s", "1 min 12 s", "2 h 05 min", "3 d 4 h"])
    }

    @Test func `Nouns follow their number`() {
        #expect(Figures.count(1, "job") == "1 job")
        #expect(Figures.count(2000, "job") == "2,000 jobs")
        #expect(Figures.count(3, "batch") == "3 batches")
    }
}

@Suite struct `Money for people` {
    @Test func `The smallest amount decides how many decimals a column has`() {
        let amounts = ["12.5", "0.0213"].compactMap { Picodollars(dollars: $0) }
        let money = MoneyText(for: amounts)
        #expect(amounts.map(money.text) == ["$12.5000", "$0.0213"])
        #expect(MoneyText.single(Picodollars(dollars: "1234.5")!) == "$1,234.50")
    }

    @Test func `An amount too small to show is never shown as nothing`() {
        #expect(MoneyText.single(Picodollars(1)) == "<$0.000001")
        #expect(MoneyText.single(.zero) == "$0.00")
    }

    @Test func `Halves are rounded up`() {
        #expect(MoneyText.single(Picodollars(dollars: "1.125")!) == "$1.13")
    }
}

@Suite struct `Text table` {
    @Test func `Numbers stand to the right and no line ends in spaces`() {
        let table = TextTable(
            columns: [.init("model"), .init("jobs", .right)], rows: [["gpt", "5"], ["日本", "1,000"]],
            footer: ["total", "1,005"])
        #expect(
            table.lines == [
                "model   jobs", "────────────", "gpt        5", "日本   1,000", "────────────", "total  1,005",
            ])
    }
}
