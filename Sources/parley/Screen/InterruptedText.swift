import ConversationStore
import ParleyCore
import UsageReport

/// The list of what was interrupted: two lines each, what it is and the last words.
struct InterruptedText {
    let sessions: [InterruptedSession]
    let now: Timestamp

    private static let indent = 8

    func lines(_ style: TextStyle, width: Int) -> [String] {
        var lines: [String] = []
        for session in sessions {
            let id = String(session.id.number)
            let gap = String(repeating: " ", count: max(1, Self.indent - id.count))
            let head = "\(age(of: session)), \(missing(in: session)), \(origin(of: session))"
            lines.append(style.bold(id) + gap + head.onOneLine(Self.indent, width))
            let words = session.lastWords.visibleOnOneLine
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
        Age.words(since: session.updatedAt, now: now)
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
        return session.title.isEmpty ? session.model.description : "“\(session.title.visibleOnOneLine)”"
    }
}

extension String {
    /// Blanks for line breaks and for characters that steer a terminal.
    var visibleOnOneLine: String {
        String(
            map {
                $0.isNewline || $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
                    ? " " : $0
            }
        )
        .split(separator: " ").joined(separator: " ")
    }

    fileprivate func onOneLine(_ indent: Int, _ width: Int) -> String {
        let room = max(20, width - indent)
        return count <= room ? self : prefix(room - 1) + "…"
    }
}

/// How long ago something was, in the largest whole unit.
enum Age {
    static func words(since moment: Timestamp, now: Timestamp) -> String {
        let seconds = max(0, now.since(moment).milliseconds / 1000)
        return switch seconds {
        case ..<60: "\(seconds) s ago"
        case ..<3600: "\(seconds / 60) min ago"
        case ..<86_400: "\(seconds / 3600) h ago"
        default: "\(seconds / 86_400) d ago"
        }
    }
}
