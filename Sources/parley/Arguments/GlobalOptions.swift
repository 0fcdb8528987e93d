import ArgumentParser

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The database (default: $XDG_DATA_HOME/parley/parley.db).", valueName: "file"))
    var database: String?

    @Option(
        help: ArgumentHelp("The settings (default: $XDG_CONFIG_HOME/parley/config.yaml).", valueName: "file"))
    var config: String?

    @Flag(name: .shortAndLong, help: "Say more.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Say errors only.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "How to talk on standard error: text, or json for one object a line.", valueName: "form"))
    var log: LogForm = .text

    /// The same once more, for options that stand before the command.
    static let all: [CommandTree.Option] = [
        .init(name: "database", shorts: ["d"]), .init(name: "config"),
        .init(name: "verbose", shorts: ["v"], isFlag: true),
        .init(name: "quiet", shorts: ["q"], isFlag: true), .init(name: "log"),
    ]
}
