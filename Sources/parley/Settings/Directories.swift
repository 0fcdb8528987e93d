/// Where a user's files stand, after the XDG base directory specification.
struct Directories: Sendable, Equatable {
    let data: String
    let config: String
    /// What a program remembers that nobody would miss for long.
    let state: String

    /// Reads the environment; a relative path in an XDG variable does not count, as the specification says. Nil without a
    /// home: then every path must be given.
    init?(environment: [String: String]) {
        func directory(_ variable: String, _ fallback: String) -> String? {
            if let path = environment[variable], path.hasPrefix("/") { return path }
            guard let home = environment["HOME"], !home.isEmpty else { return nil }
            return home + "/" + fallback
        }
        guard let data = directory("XDG_DATA_HOME", ".local/share"),
            let config = directory("XDG_CONFIG_HOME", ".config"),
            let state = directory("XDG_STATE_HOME", ".local/state")
        else { return nil }
        self.data = data
        self.config = config
        self.state = state
    }

    var database: String { data + "/parley/parley.db" }
    var configFile: String { config + "/parley/config.yaml" }
    var historyFile: String { state + "/parley/history" }
}
