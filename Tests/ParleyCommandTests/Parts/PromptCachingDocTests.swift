import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor
@testable import parley

/// The tables of docs/prompt-caching.md say what the program goes by.
@Suite struct `The page on prompt caches tells the truth` {
    /// The cells of each row under a heading, without the titles.
    private static func rows(under heading: String) throws -> [[String]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/prompt-caching.md"), encoding: .utf8)
        let lines = text.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0 == "\(heading)" }, "the page has no \(heading)")
        return lines[(start + 1)...].prefix { !$0.hasPrefix("#") }.filter { $0.hasPrefix("|") }.dropFirst(2)
            .map {
                $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            }
    }

    private static let rules = "## The rules"

    @Test func `The rules of each model are those of the table`() throws {
        let rows = try Self.rows(under: Self.rules)
        #expect(!rows.isEmpty)
        for row in rows {
            let names = row[0].matches(of: #/`([^`]+)`/#).map { String($0.output.1) }
            #expect(!names.isEmpty)
            for name in names {
                let model = try #require(ModelName(name))
                let entry = try Catalogue.builtIn.entry(model.provider)
                let rules = PromptCacheRules.rules(for: model, entry: entry)
                #expect(Array(row[1...]) == rules.cells + [rules.source, rules.asOf ?? ""], "\(name)")
            }
        }
    }

    @Test func `All rules that there are stand in the table`() throws {
        let said = Set(try Self.rows(under: Self.rules).map { Array($0[1...]) })
        for name in Catalogue.builtIn.names {
            for row in Catalogue.builtIn.provider(ProviderName(name))?.promptCacheRows ?? [] {
                let rules = row.rules
                #expect(
                    said.contains(rules.cells + [rules.source, rules.asOf ?? ""]), "\(name)/\(row.model)")
            }
        }
    }

    private static func figure(_ number: Double) -> String {
        JSON.double((number * 1000).rounded() / 1000).text()
    }

    @Test(arguments: [
        ("### Seconds apart", Duration.seconds(5)), ("### Ten minutes apart", .seconds(600)),
        ("### Two hours apart", .seconds(7200)),
    ])
    func `The examples are what the arithmetic says`(heading: String, gap: Duration) throws {
        let words = ["none": "none", "standard": "5 minutes", "hour": "1 hour"]
        let rows = try Self.rows(under: heading)
        #expect(rows.map(\.first) == ["1", "2", "3", "10"])
        for row in rows {
            let sum = CacheArithmetic(
                rules: .rules(for: ModelName("anthropic/claude-sonnet-5")!), jobs: try #require(Int(row[0])),
                gap: gap)
            #expect(
                Array(row[1...])
                    == [sum.cost(of: .none), sum.cost(of: .standard), sum.cost(of: .hour)].map(Self.figure)
                    + [words[sum.best.rawValue] ?? ""], "\(heading), \(row[0])")
        }
    }
}
