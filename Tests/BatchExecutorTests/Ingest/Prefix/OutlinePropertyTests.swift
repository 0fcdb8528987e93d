import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct OutlinePropertyTests {
    private static let pieces = ["a", "word ", "\n", "\r\n", "ü", "e\u{301}", "世界", "🌍", "👨‍👩‍👧", "  "]

    private static func text(_ random: inout SeededRandom, upTo pieces: Int) -> String {
        (0..<Int.random(in: 0...pieces, using: &random)).map { _ in Self.pieces.randomElement(using: &random)!
        }
        .joined()
    }

    /// A row of columns that are drawn from few texts, so that rows share beginnings.
    private static func row(_ texts: [String], _ random: inout SeededRandom) -> JSONObject {
        var row: JSONObject = [:]
        for column in ["a", "b", "c"] { row[column] = .string(texts.randomElement(using: &random)!) }
        return row
    }

    private static let templates = [
        "Q {{a}}", "{{a}} and {{b}}", "Read {{a}}{{b}}\n{{c}} now", "{{a}}\(long){{b}}",
    ]
    private static let long = String(repeating: " The rules.", count: 120)

    /// What a row asks, by one of the ways in which a row can.
    private static func prepared(_ row: JSONObject, way: Int) throws -> PreparedRow {
        guard way >= templates.count else {
            return try JobRequest(settings: .fixture(prompt: templates[way])).prepared(input: .object(row))
        }
        let request = try JobRequest(settings: .fixture(system: "Be brief."))
        guard way > templates.count else {
            return try request.prepared(input: ["prompt": row["a"] ?? "", "system": row["b"] ?? ""])
        }
        let turns: [JSON] = [
            ["role": "user", "content": row["a"] ?? ""], ["role": "assistant", "content": row["b"] ?? ""],
            ["role": "user", "content": row["c"] ?? ""],
        ]
        return try request.prepared(input: ["messages": .array(turns)])
    }

    private static func head(_ row: PreparedRow, _ end: PromptOutline.End) -> [String?] {
        let next = row.request.messages[end.messages].content
        return [row.request.system] + row.request.messages[..<end.messages].map(\.content)
            + [String(next.utf8.prefix(end.bytes))]
    }

    @Test func `Ends are in order, within the prompt and between characters`() throws {
        for seed in 0..<150 {
            var random = SeededRandom(seed: UInt64(seed))
            let texts = (0..<3).map { _ in Self.text(&random, upTo: 900) + "." }
            for way in 0..<Self.templates.count + 2 {
                let row = try Self.prepared(Self.row(texts, &random), way: way)
                let outline = row.outline(makingKey: true)
                let ends = (outline.common.map { [$0] } ?? []) + outline.own
                for (one, two) in zip(ends, ends.dropFirst()) {
                    #expect(
                        (one.messages, one.bytes) < (two.messages, two.bytes) && one.tokens < two.tokens,
                        "seed \(seed), way \(way)")
                }
                for end in ends {
                    let text = try #require(
                        row.request.messages.indices.contains(end.messages)
                            ? row.request.messages[end.messages].content : nil)
                    #expect(end.bytes <= text.utf8.count, "seed \(seed), way \(way)")
                    #expect(String(text.utf8.prefix(end.bytes)) != nil, "seed \(seed), way \(way)")
                }
                #expect((outline.key == nil) == outline.own.isEmpty, "seed \(seed), way \(way)")
                #expect(row.outline().own == outline.own, "seed \(seed), way \(way)")
            }
        }
    }

    @Test func `Equal prompts have equal keys, and equal keys equal beginnings`() throws {
        for seed in 200..<260 {
            var random = SeededRandom(seed: UInt64(seed))
            let texts = (0..<3).map { _ in Self.text(&random, upTo: 900) + "." }
            for way in 0..<Self.templates.count + 2 {
                let rows = try (0..<8).map { _ in try Self.prepared(Self.row(texts, &random), way: way) }
                for one in rows {
                    let first = one.outline(makingKey: true)
                    for two in rows {
                        let second = two.outline(makingKey: true)
                        if one.request == two.request { #expect(first == second, "seed \(seed), way \(way)") }
                        guard let key = first.key, let other = second.key, key.short == other.short else {
                            continue
                        }
                        #expect(first.own[0] == second.own[0])
                        #expect(Self.head(one, first.own[0]) == Self.head(two, second.own[0]))
                        guard key == other, key.hasLong else { continue }
                        #expect(Self.head(one, first.own[1]) == Self.head(two, second.own[1]))
                    }
                }
            }
        }
    }
}
