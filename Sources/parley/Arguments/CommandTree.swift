import ArgumentParser
import ParleyCore

/// The commands and their options, as the argument parser describes them itself.
///
/// One source for three things: the variables that stand for options, the tables of the README, and the tests that
/// compare the two.
struct CommandTree {
    struct Option: Hashable {
        /// The long name without its dashes.
        let name: String
        var shorts: [String] = []
        var isFlag = false
        var isRepeating = false
        var summary = ""
    }

    let name: String
    let summary: String
    let options: [Option]
    /// The names of what stands without an option, such as `file`.
    let positionals: [String]
    let subcommands: [CommandTree]

    /// The tree of the whole program.
    static func current() throws -> CommandTree { try CommandTree(of: Parley.self) }

    /// A command and what is under it.
    init(of command: any ParsableCommand.Type) throws {
        guard let command = try JSON(parsing: command._dumpHelp())["command"] else {
            throw CommandFailure("the commands cannot be listed")
        }
        self.init(command)
    }

    init(_ command: JSON) {
        name = command["commandName"]?.stringValue ?? ""
        summary = command["abstract"]?.stringValue ?? ""
        let arguments = command["arguments"]?.arrayValue ?? []
        options = arguments.compactMap(Self.option).filter { $0.name != "help" && $0.name != "version" }
        positionals = arguments.filter { $0["kind"]?.stringValue == "positional" }
            .compactMap { $0["valueName"]?.stringValue }
        subcommands = (command["subcommands"]?.arrayValue ?? []).map(CommandTree.init).filter {
            $0.name != "help"
        }
    }

    private static func option(_ argument: JSON) -> Option? {
        let kind = argument["kind"]?.stringValue
        guard kind == "option" || kind == "flag" else { return nil }
        let names = argument["names"]?.arrayValue ?? []
        func all(_ kind: String) -> [String] {
            names.filter { $0["kind"]?.stringValue == kind }.compactMap { $0["name"]?.stringValue }
        }
        guard let name = all("long").first else { return nil }
        return Option(
            name: name, shorts: all("short"), isFlag: kind == "flag",
            isRepeating: argument["isRepeating"]?.boolValue ?? false,
            summary: argument["abstract"]?.stringValue ?? "")
    }

    func subcommand(_ name: String) -> CommandTree? { subcommands.first { $0.name == name } }

    /// Every command that does something, with the words that call it: `["db", "check"]`.
    var leaves: [(path: [String], command: CommandTree)] {
        subcommands.isEmpty
            ? [([], self)]
            : subcommands.flatMap { child in child.leaves.map { ([child.name] + $0.path, $0.command) } }
    }
}

extension CommandTree {
    /// The variables that stand for options, in alphabetical order.
    var variables: [String] {
        Set(
            leaves.flatMap { leaf in
                leaf.command.options.map { Variable.names(of: $0, in: leaf.path).last ?? "" }
            }
        )
        .sorted()
    }
}

/// The names of environment variables that stand for options.
enum Variable {
    static let prefix = "PARLEY_"

    /// The variables of a command's option, the first wins: `PARLEY_RUN_RPM`, which is for `run` only, and `PARLEY_RPM`.
    ///
    /// Where the same word means something else than in other commands, there is only the command's own variable:
    /// what limits a run must not limit the simulator, a file is not read in the format in which results are written, nothing is thrown away
    /// by accident, and a model that is asked does not hide the conversations with others.
    static func names(of option: CommandTree.Option, in path: [String]) -> [String] {
        let own = prefix + (path + [option.name]).map(word).joined(separator: "_")
        return isShared(option.name, in: path) ? [own, prefix + word(option.name)] : [own]
    }

    private static func isShared(_ name: String, in path: [String]) -> Bool {
        if name == "json" || GlobalOptions.all.contains(where: { $0.name == name }) { return true }
        switch path.first {
        case "simulate", "retry", "sessions", "tool-result": return false
        case "chat", "resume": return conversationWide.contains(name)
        case "results", "report": return name != "format"
        case "failures", "db": return path.last != "prune"
        default: return true
        }
    }

    /// What means the same in a conversation as in a batch.
    private static let conversationWide: Set<String> = [
        "model", "role", "system", "fallback", "max-tokens", "option", "schema", "offline",
    ]

    private static func word(_ name: String) -> String {
        String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }
}
