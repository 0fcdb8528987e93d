import OrderedCollections
import ParleyCore
import Yams

/// Reads values from a YAML file and says where one is wrong.
struct YAMLReader {
    let path: String

    /// The members of a mapping; with `known`, every other key is an error.
    func members(
        of node: Node, what: String, known: [String]? = nil
    ) throws(ConfigFileError) -> OrderedDictionary<String, Node> {
        guard let mapping = node.mapping else {
            throw error(node, "\(what) must be a mapping of keys to values")
        }
        var members: OrderedDictionary<String, Node> = [:]
        for (keyNode, value) in mapping {
            let key = keyNode.string ?? ""
            if let known, !known.contains(key) {
                let hint =
                    NearestName.of(key, among: known).map { "did you mean '\($0)'?" }
                    ?? "known are \(known.joined(separator: ", "))"
                throw error(keyNode, "there is no setting '\(key)'; \(hint)")
            }
            members[key] = value
        }
        return members
    }

    func string(_ node: Node, _ key: String) throws(ConfigFileError) -> String {
        guard let text = node.string, !text.isEmpty else { throw error(node, "'\(key)' must be a text") }
        return text
    }

    func model(_ node: Node, _ key: String) throws(ConfigFileError) -> ModelName {
        let text = try string(node, key)
        guard let model = ModelName(text) else {
            throw error(node, "'\(key)' must be written provider/model, not '\(text)'")
        }
        return model
    }

    /// One of the words that a type knows.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: Node, _ key: String
    ) throws(ConfigFileError) -> Choice {
        let word = try string(node, key)
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw error(node, "'\(key)' cannot be '\(word)'; known are \(known)")
    }

    func number(_ node: Node, _ key: String) throws(ConfigFileError) -> Double {
        guard let number = node.float, number.isFinite else { throw error(node, "'\(key)' must be a number") }
        return number
    }

    func integer(_ node: Node, _ key: String) throws(ConfigFileError) -> Int {
        guard let number = node.int, number > 0 else {
            throw error(node, "'\(key)' must be a whole number above 0")
        }
        return number
    }

    func error(_ node: Node, _ reason: String) -> ConfigFileError {
        ConfigFileError(path: path, line: node.mark?.line, reason: reason)
    }
}

/// Where and why a settings file cannot be used.
struct ConfigFileError: Error, Sendable, Equatable, CustomStringConvertible {
    let path: String
    let line: Int?
    let reason: String

    var description: String { "\(path)\(line.map { " line \($0)" } ?? ""): \(reason)" }
}

extension YamlError {
    /// The line at which reading stopped, counted from 1.
    var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    /// What is wrong, in one line.
    var words: String {
        switch self {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            "no YAML: \(problem)"
        case .duplicatedKeysInMapping: "a key stands twice"
        default: "no YAML"
        }
    }
}
