import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

/// A small generator whose sequence depends on its seed alone.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct CSVPropertyTests {
    private static let pieces = [
        "a", "word", " ", ",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "\r", "\\", "ü", "世界", "🌍", "=1+1",
        "\u{01}",
        "a longer run of plain text", "",
    ]

    private static func table(_ random: inout SeededRandom) -> [[String]] {
        (0..<Int.random(in: 1...12, using: &random)).map { _ in
            (0..<3).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).map { _ in pieces.randomElement(using: &random)! }
                    .joined()
            }
        }
    }

    /// Writes a table in one of the ways that RFC 4180 allows.
    private static func written(_ table: [[String]], _ random: inout SeededRandom) -> String {
        let end = ["\n", "\r\n", "\r"].randomElement(using: &random)!
        let lines = ([["id", "prompt", "note"]] + table).map { row in
            row.map { cell in
                let mustQuote = cell.utf8.contains { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }
                guard mustQuote || Bool.random(using: &random) else { return cell }
                return "\""
                    + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                    + "\""
            }.joined(separator: ",")
        }
        return lines.joined(separator: end) + (Bool.random(using: &random) ? end : "")
    }

    @Test func `Whatever a writer wrote is read back, however the file is split`() throws {
        for seed in 0..<60 {
            var random = SeededRandom(seed: UInt64(seed))
            // The template has text, so that no row is refused for being empty.
            let settings = BatchSettings.fixture(prompt: "Q: {{prompt}}")
            let table = Self.table(&random).enumerated().map { ["k\($0)" + $1[0]] + $1[1...] }
            let text = Self.written(table, &random)
            let whole = try ReadRows.of(text, settings: settings)
            #expect(whole.problems.isEmpty, "seed \(seed)")
            let cells = try whole.inputs.map {
                try JSON(parsing: $0).objectValue?.values.map(\.plainText) ?? []
            }
            #expect(cells == table, "seed \(seed)")
            #expect(whole.keys == table.map { $0[0] }, "seed \(seed)")
            for piece in 1...min(text.utf8.count, 70) {
                #expect(
                    try ReadRows.of(text, settings: settings, piece: piece) == whole, "seed \(seed), \(piece)"
                )
            }
        }
    }

    private static func lines(of text: String) -> [String] {
        var lines = [""]
        var last: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where last == "\r": break
            case "\n", "\r": lines.append("")
            default: lines[lines.count - 1].unicodeScalars.append(scalar)
            }
            last = scalar
        }
        return lines
    }

    @Test func `The line of each row is that of its first byte`() throws {
        for seed in 100..<140 {
            var random = SeededRandom(seed: UInt64(seed))
            let table = Self.table(&random).enumerated().map { ["k\($0)"] + $1[1...] }
            let text = Self.written(table, &random)
            let read = try ReadRows.of(text, settings: .fixture(prompt: "Q: {{prompt}}"))
            let lines = Self.lines(of: text)
            for row in read.rows {
                let line = lines[row.line - 1]
                #expect(line.hasPrefix(row.key) || line.hasPrefix("\"\(row.key)"), "seed \(seed)")
            }
        }
    }
}
