import ParleyCore
import UsageReport

/// A command of the conversation: its name, what stands behind it, what it does.
struct SlashCommandEntry: Sendable {
    enum Argument: Sendable, Equatable {
        case none
        case optional(String)
        case required(String)
    }

    /// What can be completed behind the name.
    enum Choice: Sendable { case nothing, file, session, model, role }

    let name: String
    var aliases: [String] = []
    let argument: Argument
    /// One line for `/help`.
    let help: String
    var choice = Choice.nothing
    /// What the argument must be, for the sentence about one that is not.
    var wanted = ""
    /// Nil where the argument is not what it must be.
    let make: @Sendable (String?) -> SlashCommand?

    /// Every command, in the order of `/help`.
    static let all: [SlashCommandEntry] = [
        SlashCommandEntry(
            name: "help", aliases: ["?"], argument: .none, help: "these lines", make: { _ in .help }),
        SlashCommandEntry(
            name: "model", argument: .optional("PROVIDER/MODEL"),
            help: "ask another model from now on; alone: which one is asked", choice: .model,
            wanted: "a model; write PROVIDER/MODEL, such as openai/gpt-5.4-mini",
            make: { $0.map { ModelName($0).map { .model($0) } } ?? .model(nil) }),
        SlashCommandEntry(
            name: "role", argument: .optional("NAME"),
            help: "ask the models of a role of your settings; alone: which role", choice: .role,
            make: { .role($0) }),
        SlashCommandEntry(
            name: "system", argument: .optional("TEXT"), help: "set the system prompt; alone: show it",
            make: { .system($0) }),
        SlashCommandEntry(
            name: "file", argument: .required("FILE"), help: "send a text file with the next message",
            choice: .file, make: { $0.map { .file($0) } }),
        SlashCommandEntry(name: "tools", argument: .none, help: "the tools that the model may call") { _ in
            .tools
        },
        SlashCommandEntry(name: "retry", argument: .none, help: "ask the last question again") { _ in .retry
        },
        SlashCommandEntry(
            name: "resume", argument: .none,
            help: "go on with an answer that broke off, or with open tool calls", make: { _ in .resume }),
        SlashCommandEntry(
            name: "undo", argument: .none, help: "take the last question and its answer out of what is sent",
            make: { _ in .undo }),
        SlashCommandEntry(
            name: "fork", argument: .optional("POSITION"),
            help: "go on in a copy, up to a message's position; this conversation stays as it is",
            wanted: "a position; write a whole number from 0",
            make: { $0.map { text in Int(text).flatMap { $0 >= 0 ? .fork($0) : nil } } ?? .fork(nil) }),
        SlashCommandEntry(
            name: "session", argument: .optional("ID"),
            help: "go on with another conversation; alone: this one's number",
            choice: .session, wanted: "a conversation; write its number, such as 12",
            make: {
                $0.map { text in Int64(text).flatMap { $0 > 0 ? .session(SessionID($0)) : nil } }
                    ?? .session(nil)
            }),
        SlashCommandEntry(
            name: "title", argument: .required("TEXT"), help: "name the conversation",
            make: { $0.map { .title($0) } }),
        SlashCommandEntry(
            name: "save", argument: .optional("FILE"), help: "write the conversation to a Markdown file",
            choice: .file,
            make: { .save($0) }),
        SlashCommandEntry(name: "usage", argument: .none, help: "tokens and cost so far") { _ in .usage },
        SlashCommandEntry(
            name: "offline", argument: .none, help: "ask only models on this machine, or all again",
            make: { _ in .offline }),
        SlashCommandEntry(
            name: "queue", argument: .required("PROMPT"),
            help: "keep a question, to be asked with `parley run`",
            make: { $0.map { .queue($0) } }),
        SlashCommandEntry(
            name: "quit", aliases: ["exit"], argument: .none, help: "leave; the conversation is kept",
            make: { _ in .quit }),
    ]

    /// All names, those that stand for others too.
    static let names = all.flatMap { [$0.name] + $0.aliases }

    /// Case does not count.
    static func named(_ name: String) -> SlashCommandEntry? {
        let name = name.lowercased()
        return all.first { $0.name == name || $0.aliases.contains(name) }
    }

    /// `/model [PROVIDER/MODEL]`
    var usage: String {
        switch argument {
        case .none: "/\(name)"
        case .optional(let word): "/\(name) [\(word)]"
        case .required(let word): "/\(name) \(word)"
        }
    }

    /// What `/help` shows.
    static func helpLines(width: Int, style: TextStyle) -> [String] {
        let column = (all.map(\.usage.count).max() ?? 0) + 2
        let isNarrow = width < column + 24
        let room = max(20, width - (isNarrow ? 4 : column))
        var lines = all.flatMap { entry -> [String] in
            let texts = Prose.lines(of: entry.help, width: room)
            let head = style.bold(entry.usage)
            if isNarrow { return [head] + texts.map { "    " + $0 } }
            let gap = String(repeating: " ", count: column - entry.usage.count)
            return texts.enumerated().map { index, text in
                (index == 0 ? head + gap : String(repeating: " ", count: column)) + text
            }
        }
        lines.append("")
        for sentence in keys { lines += Prose.lines(of: sentence, width: max(20, width)).map(style.dim) }
        return lines
    }

    private static let keys = [
        "Enter sends. Alt-Enter, Ctrl-J or a backslash at the end of a line begins a new line; a message whose first line is "
            + "\"\"\" goes on until a line \"\"\". What is pasted is sent as it is.",
        "Ctrl-C stops an answer, or clears what is written; at an empty prompt it leaves, as Ctrl-D does. Ctrl-R looks in the "
            + "history; a message that begins with a space is not kept there. A message that begins with // is sent with one slash.",
    ]
}
