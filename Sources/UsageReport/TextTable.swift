/// A table of plain text: what `status`, `report` and the listings show.
///
/// Numbers stand to the right, words to the left. Nothing is cut: a table wider than the screen wraps, because a name
/// that lost its end is worth less than an ugly line.
public struct TextTable: Sendable, Equatable {
    public enum Alignment: Sendable { case left, right }

    public struct Column: Sendable, Equatable {
        public var title: String
        public var alignment: Alignment

        public init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    public var columns: [Column]
    public var rows: [[String]]
    /// A last row under a line, such as a total.
    public var footer: [String]?

    public init(columns: [Column], rows: [[String]] = [], footer: [String]? = nil) {
        self.columns = columns
        self.rows = rows
        self.footer = footer
    }

    /// The table as lines, each without spaces at its end.
    public var lines: [String] {
        let titles = columns.map(\.title)
        let all = [titles] + rows + (footer.map { [$0] } ?? [])
        let widths = columns.indices.map { column in all.map { Self.width(of: $0[column]) }.max() ?? 0 }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1))

        var lines = [line(titles, widths), rule]
        lines += rows.map { line($0, widths) }
        if let footer { lines += [rule, line(footer, widths)] }
        return lines
    }

    /// The table as text that ends with a line end.
    public var text: String { lines.joined(separator: "\n") + "\n" }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: max(0, widths[index] - Self.width(of: cell)))
            line += columns[index].alignment == .right ? padding + cell : cell + padding
            line += "  "
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    /// The columns of a screen that a text takes; wide East Asian characters and most emoji take two.
    public static func width(of text: String) -> Int {
        text.reduce(0) { width, character in
            guard let scalar = character.unicodeScalars.first, scalar.value >= 0x1100 else {
                return width + 1
            }
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
                return width + 2
            default: return width + 1
            }
        }
    }
}
