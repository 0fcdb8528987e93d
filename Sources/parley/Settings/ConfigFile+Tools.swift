import BatchExecutor
import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack
import Yams

extension ConfigFile {
    static let toolRoundsDefault = 10
    static let toolRoundsRange = 1...100

    private enum ToolKey: String, CaseIterable {
        case summary, description, parameters, command, timeout, confirm, protected, environment
        case outputBytes = "output_bytes"
    }

    /// The variables that hold the keys of all providers.
    var keyVariables: Set<String> {
        let catalogue = Catalogue.with(self)
        return Set(catalogue.names.compactMap { catalogue.provider(ProviderName($0))?.keyVariable })
    }

    static func tools(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader, keyVariables: Set<String>
    ) throws(ConfigFileError) -> [CommandTool] {
        var tools: [CommandTool] = []
        for member in try reader.members(of: entry) {
            tools.append(try tool(member, reader, keyVariables: keyVariables))
        }
        guard tools.count <= CommandTool.countMax else {
            throw reader.error(
                entry, "these are \(tools.count) tools, and a request takes \(CommandTool.countMax)")
        }
        return tools
    }

    private static func tool(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader, keyVariables: Set<String>
    ) throws(ConfigFileError) -> CommandTool {
        guard CommandTool.isName(entry.name) else {
            throw reader.error(
                entry,
                "a tool's name is 1 to \(CommandTool.nameLengthMax) of the letters A-Z and a-z, digits, '_' and '-'"
            )
        }
        let members = try reader.members(of: entry, known: ToolKey.allCases.map(\.rawValue))
        var tool = CommandTool(
            ToolDefinition(
                name: entry.name, summary: "", parameters: ["type": "object", "properties": [:]]))
        for member in members where !member.isEmpty {
            switch ToolKey(rawValue: member.name) {
            case .summary, .description:
                guard tool.definition.summary.isEmpty else {
                    throw reader.error(member, "summary and description are one; give one of them")
                }
                tool.definition.summary = try reader.string(member)
            case .parameters: tool.definition.parameters = try parameters(member, reader)
            case .command: tool.command = try command(member, reader)
            case .timeout: tool.timeout = try timeout(member, reader)
            case .confirm: tool.needsConfirmation = try reader.flag(member)
            case .protected: tool.isProtected = try reader.flag(member)
            case .environment:
                tool.environment = try environment(member, reader, keyVariables: keyVariables)
            case .outputBytes:
                tool.outputBytesMax = try reader.count(member, in: CommandTool.outputBytesRange)
            case nil: break
            }
        }
        guard !tool.definition.summary.isEmpty else {
            throw reader.error(entry, "the tool needs a summary: a model knows it by nothing else")
        }
        return tool
    }

    /// A mapping, or a text that is JSON.
    private static func parameters(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> JSON {
        let parameters: JSON
        if entry.value.mapping != nil {
            guard let json = YAMLValue(node: entry.value).json else {
                throw reader.error(entry, "it is too large or too deep")
            }
            parameters = json
        } else {
            let text = try reader.string(entry)
            do {
                parameters = try JSON(parsing: text)
            } catch {
                throw reader.error(
                    entry,
                    "it must be a JSON Schema, as a mapping or as a text of JSON; this is no JSON: \(error)")
            }
        }
        if let flaw = CommandTool.flaw(inParameters: parameters) { throw reader.error(entry, flaw) }
        return parameters
    }

    private static func command(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> [String] {
        guard let items = entry.value.sequence else {
            let words = (entry.value.string ?? "").split(separator: " ").map {
                JSON.string(String($0)).text()
            }
            throw reader.error(
                entry,
                "it must be a list of words, since no shell reads it: [\(words.joined(separator: ", "))]")
        }
        var words: [String] = []
        for item in items {
            guard let word = item.string, !word.utf8.contains(0) else {
                throw reader.error(item, entry.key, "each word must be a text")
            }
            words.append(word)
        }
        guard let program = words.first, !program.isEmpty else {
            throw reader.error(entry, "its first word is the program; without a command leave the key out")
        }
        if program.contains("/"), !program.hasPrefix("/") {
            throw reader.error(
                entry, "the program is a name that is found by PATH, or an absolute path; not '\(program)'")
        }
        return words
    }

    private static func timeout(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> Duration {
        guard let timeout = Duration(written: try reader.string(entry)), timeout <= CommandTool.timeoutMax
        else {
            throw reader.error(
                entry, "it must be a length of time from 1s to 1d: seconds, or such as 90s, 5m or 1h")
        }
        return timeout
    }

    private static func environment(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader, keyVariables: Set<String>
    ) throws(ConfigFileError) -> [String] {
        guard let items = entry.value.sequence else {
            throw reader.error(entry, "it must be a list of names of variables, such as [TZ]")
        }
        var names: [String] = []
        for item in items {
            let name = item.string ?? ""
            if KeyShape.fits(name) {
                throw reader.error(
                    item, entry.key, "this looks like a key, and keys do not stand in the settings")
            }
            if let refusal = ToolEnvironment.refusal(of: name, keyVariables: keyVariables) {
                throw reader.error(item, entry.key, refusal)
            }
            names.append(name)
        }
        return names
    }
}
