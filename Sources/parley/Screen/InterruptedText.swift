import ConversationStore
import ParleyCore
import UsageReport

/// The list of what was interrupted: two lines each, what it is and the last words.
struct InterruptedText {
    let sessions: [InterruptedSession]
    let now: Timestamp

    private static let indent = 8
    private static let titleLengthMax = 80

    func lines(_ style: TextStyle, width: Int) -> [String] {
        var lines: [String] = []
        for session in sessions {
            let id = String(session.id.number)
            let gap = String(repeating: " ", count: max(1, Self.indent - id.count))
            let head = "\(age(of: session)), \(missing(in: session)), \(origin(of: session))"
            lines.append(style.bold(id) + gap + head.cut(to: max(20, width - Self.indent)))
            let words = VisibleText.line(session.lastWords, length: .max - 1)
            if !words.isEmpty {
                let room = max(20, width - Self.indent - 2)
                let end = words.count > room ? "…" + words.suffix(room - 1) : words
                lines.append(String(repeating: " ", count: Self.indent) + style.dim(end))
            }
        }
        lines.append(
            style.dim(
                "`parley resume ID` goes on with one of them, `parley resume --last` with the latest of your own."
            ))
        return lines
    }

    private func age(of session: InterruptedSession) -> String {
        let age = SessionTable.age(now.since(session.updatedAt))
        return age == "now" ? "just now" : "\(age) ago"
    }

    private func missing(in session: InterruptedSession) -> String {
        switch session.missing {
        case .answering: "being answered just now"
        case .answer: "the answer broke off"
        case .reply: "a question without an answer"
        case .tools: Figures.count(session.openCalls, "open tool call")
        }
    }

    private func origin(of session: InterruptedSession) -> String {
        if let job = session.job { return "job \(job.key) of \(job.batch) (`parley run \(job.batch)`)" }
        return session.title.isEmpty
            ? session.model.description : "“\(VisibleText.line(session.title, length: Self.titleLengthMax))”"
    }
}
