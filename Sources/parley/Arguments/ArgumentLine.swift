import ArgumentParser
import ParleyCore

/// The command line as the argument parser is to see it.
///
/// Three things are put right before parsing: global options may stand before the command; `-o key value` becomes
/// `-o key=value`; and options that are not given are taken from their variables.
struct ArgumentLine: Equatable {
    /// The line that the running command was parsed from.
    @TaskLocal static var current: ArgumentLine?

    /// The words of the command, its options, its arguments.
    private(set) var arguments: [String]
    /// The variables that were used, by the option for which they stand.
    private(set) var variables: [String: String] = [:]

    /// Options of which one makes the variable of the other moot.
    private static let exclusives = [
        ["model", "role"], ["format", "json"], ["verbose", "quiet"], ["curl", "json"],
        ["continue", "session"], ["tool", "no-tools"], ["last", "list"],
    ]

    init(_ given: [String], environment: [String: String]) throws {
        guard given.first != "help" else {
            arguments = given
            return
        }
        let split = Self.split(given)
        let words = split.leading + split.rest
        // Listing a command's options takes longer than all the rest, so it is done only where it matters.
        let isLeaf = split.command.configuration.subcommands.isEmpty
        let mattersHere = environment.keys.contains { $0.hasPrefix(Variable.prefix) } || Self.hasPairs(words)
        guard isLeaf, mattersHere else {
            arguments = split.path + words
            return
        }
        let options = try CommandTree(of: split.command).options
        let own = Self.joiningPairs(words, options: options)
        var fromVariables: [String] = []
        let named = Self.namesGiven(in: own, options: options)
        for option in options where !Self.isMoot(option.name, given: named) {
            for variable in Variable.names(of: option, in: split.path) {
                guard let value = environment[variable], !value.isEmpty else { continue }
                fromVariables += try Self.words(of: option, value: value, variable: variable)
                variables[option.name] = variable
                break
            }
        }
        arguments = split.path + fromVariables + own
    }

    private struct Split {
        var path: [String] = []
        var command: any ParsableCommand.Type = Parley.self
        /// Global options that stand before or between the words of the command.
        var leading: [String] = []
        var rest: [String] = []
    }

    private static func split(_ given: [String]) -> Split {
        var split = Split()
        var index = 0
        while index < given.count {
            let children = split.command.configuration.subcommands
            guard !children.isEmpty else { break }
            let word = given[index]
            if let child = children.first(where: { $0._commandName == word }) {
                split.path.append(word)
                split.command = child
            } else if let option = GlobalOptions.all.first(where: { matches(word, $0) }) {
                split.leading.append(word)
                if !option.isFlag, !word.contains("="), index + 1 < given.count {
                    index += 1
                    split.leading.append(given[index])
                }
            } else {
                break
            }
            index += 1
        }
        split.rest = Array(given[index...])
        return split
    }

    private static func hasPairs(_ words: [String]) -> Bool {
        words.contains { $0 == "-o" || $0 == "--option" }
    }

    private static func matches(_ word: String, _ option: CommandTree.Option) -> Bool {
        word == "--\(option.name)" || word.hasPrefix("--\(option.name)=")
            || option.shorts.contains { word == "-\($0)" || word.hasPrefix("-\($0)=") }
    }

    /// The long names of the options that stand in the words before a `--`.
    private static func namesGiven(in words: [String], options: [CommandTree.Option]) -> Set<String> {
        var names: Set<String> = []
        for word in words {
            if word == "--" { break }
            guard word.hasPrefix("-") else { continue }
            for option in options {
                let isInCluster =
                    !word.hasPrefix("--") && option.isFlag && option.shorts.contains { word.contains($0) }
                if matches(word, option) || isInCluster { names.insert(option.name) }
            }
        }
        return names
    }

    private static func isMoot(_ name: String, given: Set<String>) -> Bool {
        given.contains(name) || exclusives.contains { $0.contains(name) && !given.isDisjoint(with: $0) }
    }

    /// The words that give an option the value of its variable; a repeating option takes several, with commas between.
    private static func words(
        of option: CommandTree.Option, value: String, variable: String
    ) throws -> [String] {
        guard option.isFlag else {
            let values = option.isRepeating ? value.split(separator: ",").map { String($0) } : [value]
            return values.map { "--\(option.name)=\($0)" }
        }
        switch value.lowercased() {
        case "1", "true", "yes", "on": return ["--\(option.name)"]
        case "0", "false", "no", "off": return []
        default: throw CommandFailure.usage("\(variable) is '\(value)'; write 1 or 0")
        }
    }

    /// `-o temperature 0.2` becomes `-o temperature=0.2`.
    private static func joiningPairs(_ words: [String], options: [CommandTree.Option]) -> [String] {
        guard options.contains(where: { $0.name == "option" }) else { return words }
        var joined: [String] = []
        var index = 0
        while index < words.count {
            joined.append(words[index])
            if words[index] == "--" { return joined + words[(index + 1)...] }
            let isOption = words[index] == "-o" || words[index] == "--option"
            if isOption, index + 2 < words.count, !words[index + 1].contains("=") {
                joined.append("\(words[index + 1])=\(words[index + 2])")
                index += 2
            }
            index += 1
        }
        return joined
    }
}
