/// Where the panel stands on the terminal: what must be written to put something in its place or above it.
///
/// A plain value. New lines are written over the old ones and only what is left of those is erased after, so that nothing
/// flickers.
struct PanelPlace: Sendable, Equatable {
    private var lines: [String] = []

    /// The text that puts other lines there; nil when nothing changes. What is too high for the window is left out.
    mutating func showing(_ new: [String], width: Int, height: Int) -> String? {
        let new = Array(new.prefix(max(1, height - 1)))
        guard new != lines else { return nil }
        let text = home(width: width) + Self.drawing(new) + Self.eraseBelow
        lines = new
        return text
    }

    /// The text that puts a line above the panel.
    func saying(_ line: String, width: Int) -> String {
        guard !lines.isEmpty else { return line + "\n" }
        return home(width: width) + Self.drawing([line] + lines) + Self.eraseBelow
    }

    /// Back to the first line. A window that has become narrower has broken the lines: then all is erased first.
    private func home(width: Int) -> String {
        guard !lines.isEmpty else { return "" }
        let rows = lines.reduce(0) { $0 + max(1, (Self.width(of: $1) + width - 1) / max(1, width)) }
        return "\u{1B}[\(rows)A\r" + (rows > lines.count ? Self.eraseBelow : "")
    }

    private static let eraseBelow = "\u{1B}[J"

    private static func drawing(_ lines: [String]) -> String { lines.map { $0 + "\u{1B}[K\n" }.joined() }

    /// The columns that a line takes, its colours aside.
    private static func width(of line: String) -> Int {
        var width = 0
        var isEscape = false
        for character in line {
            if character == "\u{1B}" {
                isEscape = true
            } else if isEscape {
                isEscape = character != "m"
            } else {
                width += 1
            }
        }
        return width
    }
}
