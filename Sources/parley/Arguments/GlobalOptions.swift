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

    /// The long names, for options that stand before the command.
    static let names: Set = ["database", "config", "verbose", "quiet"]
}
