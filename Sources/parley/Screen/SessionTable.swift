import ConversationStore
import Foundation
import ParleyCore
import UsageReport

/// The list of conversations as a table that fits the terminal: of its cells the title alone is cut.
struct SessionTable {
    private let table: TextTable
    private static let titleWidthMin = 12

    init(_ sessions: [SessionSummary], showsJobs: Bool, now: Timestamp) {
        let money = MoneyText(for: sessions.map(\.cost))
        var columns: [TextTable.Column] = [
            .init("id", .right), .init("age", .right), .init("status"), .init("model"),
            .init("messages", .right), .init("cost", .right),
        ]
        if showsJobs { columns += [.init("batch"), .init("job")] }
        columns.append(.init("title"))
        table = TextTable(
            columns: columns,
            rows: sessions.map { session in
                var cells = [
                    String(session.id.number), Self.age(now.since(session.updatedAt)), session.statusWord,
                    session.model.description, Figures.grouped(session.messages),
                    session.requests == 0 ? "–" : session.billed.costText(money),
                ]
                if showsJobs { cells += [session.batch ?? "", session.jobKey ?? ""] }
                return cells + [session.title.split(whereSeparator: \.isWhitespace).joined(separator: " ")]
            })
    }

    /// - Parameter width: the columns that there are; nil = nothing is cut.
    func text(width: Int?) -> String {
        guard let width else { return table.text }
        var table = table
        let last = table.columns.count - 1
        let untitled = TextTable(
            columns: Array(table.columns.dropLast()), rows: table.rows.map { Array($0.dropLast()) })
        let used = untitled.lines.count > 1 ? untitled.lines[1].count + 2 : 0
        let room = max(Self.titleWidthMin, width - used)
        for row in table.rows.indices { table.rows[row][last] = Self.cut(table.rows[row][last], to: room) }
        return table.text
    }

    /// The largest unit: `4 min`, `3 h`, `2 d`.
    static func age(_ duration: Duration) -> String {
        let seconds = max(0, Int(duration.seconds))
        if seconds < 60 { return "now" }
        if seconds < 3600 { return "\(seconds / 60) min" }
        if seconds < 86_400 { return "\(seconds / 3600) h" }
        return "\(Figures.grouped(seconds / 86_400)) d"
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard TextTable.width(of: text) > width else { return text }
        var kept = ""
        for character in text {
            guard TextTable.width(of: kept) + TextTable.width(of: String(character)) < width else { break }
            kept.append(character)
        }
        return kept + "…"
    }
}

extension Screen {
    /// Whether results are read on a terminal.
    var resultsAreSeen: Bool { isatty(STDOUT_FILENO) == 1 }

    /// The columns that a result has; nil where it goes to a file or a pipe.
    var resultWidth: Int? { resultsAreSeen ? terminal.width : nil }

    /// How results are coloured: not at all where nobody sees them.
    var resultStyle: TextStyle { TextStyle(isColored: resultsAreSeen && terminal.isColored) }
}
