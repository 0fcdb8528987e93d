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
    /// The variables that stand for options, in alphabetical order, each with the option.
    var variables: [(variable: String, option: Option)] {
        var found: [String: Option] = [:]
        for leaf in leaves {
            for option in leaf.command.options where found[Variable.name(of: option)] == nil {
                found[Variable.name(of: option)] = option
            }
        }
        return found.sorted { $0.key < $1.key }.map { (variable: $0.key, option: $0.value) }
    }
}

/// The names of environment variables that stand for options.
enum Variable {
    static let prefix = "PARLEY_"

    /// `PARLEY_MAX_TOKENS` for `--max-tokens`.
    static func name(of option: CommandTree.Option) -> String { prefix + word(option.name) }

    /// `PARLEY_SIMULATE_RPM`: for one command only; it wins over the general one.
    static func name(of option: CommandTree.Option, in path: [String]) -> String {
        prefix + (path + [option.name]).map(word).joined(separator: "_")
    }

    private static func word(_ name: String) -> String {
        String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    }
}
