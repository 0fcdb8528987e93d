public import ParleyCore

/// What is wrong with the configuration of a provider; nothing was sent.
public enum ConfigurationError: Error, Sendable, Hashable {
    case unknownProvider(ProviderName, nearest: String?, known: [String])
    case keyMissing(ProviderName, variable: String)
    /// The variable holds something that no header can carry, such as a line break.
    case keyUnusable(ProviderName, variable: String)
    /// `variable` is nil when the URL comes from the catalogue or from the config file.
    case baseURLUnusable(String, variable: String?, reason: String)
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownProvider(let name, let nearest?, _):
            "there is no provider '\(name)'; did you mean '\(nearest)'?"
        case .unknownProvider(let name, nil, let known):
            "there is no provider '\(name)'; known are \(known.joined(separator: ", "))"
        case .keyMissing(let name, let variable):
            "\(name) needs a key: set the environment variable \(variable)"
        case .keyUnusable(let name, let variable):
            "the key for \(name) in \(variable) holds a line break or another control character: set it anew"
        case .baseURLUnusable(let text, let variable?, let reason):
            "\(variable) is '\(text)', which is no base URL: \(reason)"
        case .baseURLUnusable(let text, nil, let reason):
            "'\(text)' is no base URL: \(reason)"
        }
    }
}
