/// What a tool's command gets to see of the environment: a short list of what is harmless, and what its settings name.
///
/// It is put together from nothing, not made by taking away: a key that nobody thought of is not in it.
public enum ToolEnvironment {
    private static let harmless = ["PATH", "HOME", "LANG", "TMPDIR"]
    private static let harmlessPrefix = "LC_"
    /// Words in the names of variables that hold what nobody else may see.
    private static let secretWords: Set<String> = [
        "KEY", "KEYS", "APIKEY", "TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE",
        "CREDENTIAL", "CREDENTIALS", "AUTH",
    ]
    private static let ownPrefix = "PARLEY_"

    /// The variables for a command. Those that are named and not set are left out.
    public static func variables(
        from environment: [String: String], adding names: [String] = []
    ) -> [String: String] {
        var variables = environment.filter { name, _ in
            harmless.contains(name) || name.hasPrefix(harmlessPrefix) || names.contains(name)
        }
        // Nobody is there to see colours, or to be asked.
        variables["TERM"] = "dumb"
        return variables
    }

    /// Why no tool may get the variable of that name; nil where nothing speaks against it.
    ///
    /// - Parameter keyVariables: the variables that hold providers' keys.
    public static func refusal(of name: String, keyVariables: Set<String>) -> String? {
        let isName =
            name.utf8.first.map { !(0x30...0x39).contains($0) } == true
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName else { return "this is no name of an environment variable" }
        let words = name.uppercased().split(separator: "_").map(String.init)
        if keyVariables.contains(name) || words.contains(where: { secretWords.contains($0) }) {
            return "\(name) looks like the name of a key, and tools get none"
        }
        if name.uppercased().hasPrefix(ownPrefix) {
            return "variables of parley itself are not passed on to tools"
        }
        return nil
    }
}
