import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import UsageReport

/// What a person is asked before a tool is run.
///
/// The arguments are a model's words. Nothing of them reaches the terminal that it would obey, and every line of them is
/// indented, so that they cannot look like a line of parley's.
enum ToolQuestion {
    /// Of longer arguments the first and the last lines are shown.
    static let linesMax = 200
    private static let lastLines = 40
    private static let indent = "    "
    private static let widthMin = 20

    /// The question, without a line break at its end.
    ///
    /// - Parameter width: the columns of the terminal.
    static func text(_ call: StoredCall, tool: CommandTool, width: Int) -> String {
        var lines = ["The model asks for '\(call.call.name.showingControls)', call \(call.id). It would run"]
        lines += shown([tool.command.map(word).joined(separator: " ")], width: width)
        if let arguments = call.call.arguments.object, !arguments.isEmpty {
            let all = shown(Self.lines(of: .object(arguments)), width: width)
            lines.append("and give it on its standard input")
            lines += cut(all, of: call)
        } else {
            lines.append("without arguments.")
        }
        if call.call.arguments.isRepaired {
            lines.append("The arguments were broken JSON; this is what could be saved of them.")
        }
        if let startedAt = call.startedAt {
            lines.append(
                "It was begun before, at \(startedAt.iso8601), and nobody knows how it ended: "
                    + "its effect may be there already.")
        }
        lines.append("Run it? \(ToolAnswer.choices)")
        return lines.joined(separator: "\n")
    }

    private static func cut(_ lines: [String], of call: StoredCall) -> [String] {
        guard lines.count > linesMax else { return lines }
        let left = Figures.grouped(lines.count - linesMax)
        return lines.prefix(linesMax - lastLines) + [
            "… \(left) lines are not shown here; `parley sessions show \(call.session)` shows all …"
        ] + lines.suffix(lastLines)
    }

    /// The lines indented, and broken where the terminal would break them.
    private static func shown(_ lines: [String], width: Int) -> [String] {
        let room = max(widthMin, width - indent.count)
        return lines.flatMap { line -> [String] in
            let characters = Array(line)
            guard characters.count > room else { return [indent + line] }
            return stride(from: 0, to: characters.count, by: room).map {
                indent + String(characters[$0..<min($0 + room, characters.count)])
            }
        }
    }

    /// A word as one would type it in a shell.
    private static func word(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=+,%@".contains($0))
            }
        return isPlain ? word : "'\(word.replacing("'", with: #"'\''"#).showingControls)'"
    }

    /// JSON with a member a line; each line without any control character.
    private static func lines(of value: JSON) -> [String] {
        switch value {
        case .object(let members) where !members.isEmpty:
            let parts = members.map { name, value in
                headed("\(JSON.string(name).text().showingControls): ", lines(of: value))
            }
            return ["{"] + joined(parts) + ["}"]
        case .array(let elements) where !elements.isEmpty:
            return ["["] + joined(elements.map { lines(of: $0) }) + ["]"]
        default:
            return [value.text().showingControls]
        }
    }

    private static func headed(_ head: String, _ lines: [String]) -> [String] {
        [head + (lines.first ?? "")] + lines.dropFirst()
    }

    private static func joined(_ parts: [[String]]) -> [String] {
        parts.enumerated().flatMap { index, lines -> [String] in
            let comma = index < parts.count - 1 ? "," : ""
            return lines.dropLast().map { "  \($0)" } + ["  \(lines.last ?? "")\(comma)"]
        }
    }
}
