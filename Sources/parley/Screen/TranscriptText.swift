import ConversationStore
import Conversations
import ParleyCore
import UsageReport

/// A conversation in words, for the terminal.
struct TranscriptText {
    let page: TranscriptPage
    let style: TextStyle
    let showsReasoning: Bool
    let showsHistory: Bool
    /// A terminal reads it: what would steer the terminal is made visible instead.
    let isSeen: Bool

    private var session: SessionRecord { page.document.session }

    var text: String {
        var parts = [head]
        if let system = session.system, !system.isEmpty {
            parts.append(style.bold("system") + "\n" + plain(system))
        }
        if page.earlier > 0 {
            parts.append(
                style.dim(
                    "… \(Figures.count(page.earlier, "earlier message")); --all shows \(page.earlier == 1 ? "it" : "them")"
                ))
        }
        parts += page.document.messages.filter { showsHistory || $0.isPart }.map { turn($0) }
        if let end { parts.append(end) }
        return parts.joined(separator: "\n\n") + "\n"
    }

    private var head: String {
        let title = session.title.isEmpty ? "" : " \(plain(session.title))"
        var facts = [
            session.model.description, "role \(session.role)",
            session.isBeingAnswered ? "answering" : session.status.rawValue,
            Figures.count(page.earlier + page.document.messages.count, "message"),
        ]
        if page.billed.requests > 0 { facts.append(page.billed.costText(MoneyText(for: [page.billed.cost]))) }
        if let parent = session.parent {
            facts.append(
                "fork of \(parent)" + (session.forkedMessages.map { " (\($0) of its messages)" } ?? ""))
        }
        if let origin = page.origin { facts.append("imported from \(plain(origin))") }
        return style.bold("session \(session.id)\(title)") + "\n" + style.dim(facts.joined(separator: ", "))
    }

    private func turn(_ stored: StoredMessage) -> String {
        let message = stored.message
        var lines = [style.bold("#\(stored.position) \(speaker(of: stored))") + style.dim(facts(of: stored))]
        if showsReasoning, let reasoning = message.reasoning, !reasoning.isEmpty {
            lines.append(style.dim(plain(reasoning)))
        }
        if !message.content.isEmpty { lines.append(plain(message.content)) }
        if stored.isPartial { lines.append(style.yellow("(broke off)")) }
        for call in stored.calls { lines.append("→ \(words(of: call))" + style.dim(" [call \(call.id)]")) }
        return lines.joined(separator: "\n")
    }

    private func speaker(of stored: StoredMessage) -> String {
        switch stored.message.role {
        case .user: "you"
        case .system: "system"
        case .assistant: plain(page.document.answer(of: stored).model ?? "assistant")
        case .tool: stored.message.isError ? "tool failed" : "tool"
        }
    }

    private func facts(of stored: StoredMessage) -> String {
        var facts = [stored.createdAt.second]
        if stored.message.role == .assistant {
            let answer = page.document.answer(of: stored)
            let isImported = page.document.imported[stored.id] != nil
            if let usage = answer.usage {
                facts.append("\(Figures.grouped(usage.inputTotal)) → \(Figures.grouped(usage.output)) tokens")
            }
            if let cost = answer.cost {
                facts.append(MoneyText.single(cost) + (isImported ? " paid elsewhere" : ""))
            } else if answer.usage != nil, !isImported {
                facts.append("unpriced")
            }
        }
        if stored.setAsideAt != nil { facts.append("taken out") }
        if stored.isExtra { facts.append("came late") }
        return " · " + facts.joined(separator: " · ")
    }

    private func words(of call: StoredCall) -> String {
        "\(plain(call.call.name)) \(plain(call.call.arguments.rawText))"
    }

    /// What is to be done to go on.
    private var end: String? {
        guard session.status == .interrupted, !session.isBeingAnswered, session.job == nil else { return nil }
        var lines: [String] = []
        if !page.openCalls.isEmpty { lines.append(style.yellow("waiting for the results of tool calls")) }
        for call in page.openCalls {
            lines.append("\(words(of: call)):\n  parley tool-result \(call.id) --content …")
        }
        if page.openCalls.isEmpty { lines.append(style.yellow("waiting for an answer")) }
        lines.append("  parley resume \(session.id)")
        return lines.joined(separator: "\n")
    }

    private func plain(_ text: String) -> String {
        guard isSeen, text.unicodeScalars.contains(where: Self.steers) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(Self.steers(scalar) ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }

    private static func steers(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F...0x9F).contains(scalar.value)
    }
}
