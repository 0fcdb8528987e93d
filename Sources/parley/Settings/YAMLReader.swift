import OrderedCollections
import ParleyCore
import Yams

/// Reads values from a YAML file and says where one is wrong: file, line, column, and the key with those around it.
struct YAMLReader {
    let path: String

    /// One member of a mapping: the key's path, such as `roles.judge.model`, and its value.
    struct Entry {
        let key: String
        let keyNode: Node?
        let value: Node

        /// The last part of the path.
        let name: String

        /// A key without a value says nothing.
        var isEmpty: Bool { value.null != nil }
    }

    /// The members of a mapping; with `known`, every other key is an error.
    ///
    /// - Parameter key: the path of the mapping itself; empty for the file.
    func members(of node: Node, _ key: String, known: [String]? = nil) throws(ConfigFileError) -> [Entry] {
        guard let mapping = node.mapping else {
            let what = key.isEmpty ? "the settings" : "it"
            throw error(node, key, "\(what) must be a mapping of keys to values")
        }
        var members: [Entry] = []
        for (keyNode, value) in mapping {
            let name = keyNode.string ?? ""
            if let known, !known.contains(name) { throw unknown(name, keyNode, key, known) }
            members.append(
                Entry(
                    key: key.isEmpty ? name : "\(key).\(name)", keyNode: keyNode, value: value, name: name))
        }
        return members
    }

    func members(of entry: Entry, known: [String]? = nil) throws(ConfigFileError) -> [Entry] {
        try members(of: entry.value, entry.key, known: known)
    }

    /// The keys under which other programs keep a key itself.
    private static let namesOfKeys = ["key", "api_key", "apikey", "token", "secret", "password"]

    private func unknown(
        _ name: String, _ node: Node, _ key: String, _ known: [String]
    ) -> ConfigFileError {
        if known.contains("key_variable"), Self.namesOfKeys.contains(name.lowercased()) {
            return error(
                node, key,
                "keys do not stand in the settings: put it into an environment variable and name that with 'key_variable'"
            )
        }
        let hint =
            NearestName.of(name, among: known).map { "did you mean '\($0)'?" }
            ?? "known are \(known.joined(separator: ", "))"
        return error(node, key, "there is no setting '\(name)'; \(hint)")
    }

    func string(_ entry: Entry) throws(ConfigFileError) -> String {
        guard let text = entry.value.string, !text.isEmpty else { throw error(entry, "it must be a text") }
        return text
    }

    func flag(_ entry: Entry) throws(ConfigFileError) -> Bool {
        guard let flag = entry.value.bool else { throw error(entry, "it must be true or false") }
        return flag
    }

    func model(_ entry: Entry) throws(ConfigFileError) -> ModelName {
        let text = try string(entry)
        guard let model = ModelName(text) else {
            throw error(entry, "it must be written provider/model, not '\(text)'")
        }
        return model
    }

    /// One model or a list of them.
    func models(_ entry: Entry) throws(ConfigFileError) -> [ModelName] {
        guard let items = entry.value.sequence else { return [try model(entry)] }
        var models: [ModelName] = []
        for item in items {
            models.append(try model(Entry(key: entry.key, keyNode: nil, value: item, name: entry.name)))
        }
        return models
    }

    /// One of the words that a type knows.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ entry: Entry
    ) throws(ConfigFileError) -> Choice {
        let word = try string(entry)
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let guess = NearestName.of(word, among: known).map { "; did you mean '\($0)'?" } ?? ""
        throw error(entry, "it cannot be '\(word)'\(guess) (known are \(known.joined(separator: ", ")))")
    }

    func number(_ entry: Entry, from least: Double = 0) throws(ConfigFileError) -> Double {
        guard let number = entry.value.float, number.isFinite, number >= least else {
            throw error(entry, "it must be a number of at least \(JSON.double(least).text())")
        }
        return number
    }

    func count(_ entry: Entry) throws(ConfigFileError) -> Int {
        guard let number = entry.value.int, number > 0 else {
            throw error(entry, "it must be a whole number above 0")
        }
        return number
    }

    func count(_ entry: Entry, in limits: ClosedRange<Int>) throws(ConfigFileError) -> Int {
        guard let number = entry.value.int, limits.contains(number) else {
            throw error(
                entry, "it must be a whole number from \(limits.lowerBound) to \(limits.upperBound)")
        }
        return number
    }

    /// What is wrong with a value.
    func error(_ entry: Entry, _ reason: String) -> ConfigFileError {
        error(entry.value, entry.key, reason)
    }

    func error(_ node: Node, _ key: String, _ reason: String) -> ConfigFileError {
        ConfigFileError(
            path: path, line: node.mark?.line, column: node.mark?.column, key: key.isEmpty ? nil : key,
            reason: reason)
    }
}

/// Where and why a settings file cannot be used.
struct ConfigFileError: Error, Sendable, Equatable, CustomStringConvertible {
    let path: String
    /// Counted from 1, as the column is.
    var line: Int?
    var column: Int?
    /// With those around it: `roles.judge.model`.
    var key: String?
    let reason: String

    var description: String {
        let place = [line, column].compactMap { $0.map { ":\($0)" } }.joined()
        return "\(path)\(place): \(key.map { "\($0): " } ?? "")\(reason)"
    }
}

extension ConfigFileError {
    /// What the parser of YAML says.
    init(_ error: YamlError, path: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.init(
                path: path, line: mark.line, column: mark.column,
                reason: "this is not YAML: \(problem)\(context.map { " \($0.text)" } ?? "")")
        case .duplicatedKeysInMapping(let names, let context):
            self.init(
                path: path, line: context.mark.line, column: context.mark.column, key: names.first,
                reason: "the key stands twice")
        default:
            self.init(path: path, reason: "this is not YAML")
        }
    }
}
