import ConversationStore
import ParleyCore

extension SessionDocument {
    /// The conversation as Markdown, to be pasted somewhere; without what is history only.
    ///
    /// A turn that holds headings or fences of its own cannot break out: what is not prose stands in a fence that is longer than
    /// any in it, and headings are told from the document's own by their rank.
    public var markdown: String {
        var parts = ["# \(title)", "\(session.model) · \(session.createdAt.documentText.prefix(10))"]
        if let system = session.system, !system.isEmpty { parts += ["## System", Self.closed(system)] }
        for message in messages where message.isPart {
            parts += Self.parts(of: message, answer(of: message).model)
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var title: String {
        let line = session.title.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.isEmpty ? "Session \(session.id)" : line
    }

    private static func parts(of stored: StoredMessage, _ model: String?) -> [String] {
        let message = stored.message
        switch message.role {
        case .tool:
            let heading = message.isError ? "## Tool failed" : "## Tool result"
            return [heading, fenced(message.content)]
        case .user: return ["## User", closed(message.content)]
        case .system: return ["## System", closed(message.content)]
        case .assistant:
            var parts = ["## Assistant" + (model.map { " (\($0))" } ?? "")]
            if !message.content.isEmpty { parts.append(closed(message.content)) }
            if stored.isPartial { parts.append("*(broke off)*") }
            for call in message.toolCalls {
                parts.append("Calls `\(call.name)`:")
                parts.append(fenced(call.arguments.rawText, as: "json"))
            }
            return parts
        }
    }

    /// In a fence that nothing in the text can close.
    static func fenced(_ text: String, as language: String = "") -> String {
        var longest = 0
        var run = 0
        for character in text.unicodeScalars {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)\(language)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    /// Prose as it is; a fence that was opened and not closed, as in an answer that broke off, is closed. Headings move two
    /// ranks down, below those of the document.
    static func closed(_ text: String) -> String {
        var open: (mark: Character, length: Int)?
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let indent = line.prefix { $0 == " " }.count
            let body = line.dropFirst(indent)
            let mark = body.first ?? " "
            let length = body.prefix { $0 == mark }.count
            if indent < 4, mark == "`" || mark == "~", length >= 3 {
                let rest = body.dropFirst(length)
                if let fence = open {
                    if fence.mark == mark, length >= fence.length, rest.allSatisfy(\.isWhitespace) {
                        open = nil
                    }
                } else if mark == "~" || !rest.contains("`") {
                    open = (mark, length)
                }
            } else if open == nil, indent < 4, mark == "#", length <= 6,
                body.dropFirst(length).first.map({ $0.isWhitespace }) ?? true
            {
                lines.append(String(repeating: "#", count: min(6, length + 2)) + body.dropFirst(length))
                continue
            }
            lines.append(String(line))
        }
        if let open { lines.append(String(repeating: open.mark, count: open.length)) }
        return lines.joined(separator: "\n")
    }
}
