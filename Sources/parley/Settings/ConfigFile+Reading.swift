import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderStack
import Yams

extension ConfigFile {
    private enum Key: String, CaseIterable {
        case database
        case defaultModel = "default_model"
        case lastResort = "last_resort"
        case offline, roles, providers, prompts, tools
        case toolRounds = "tool_rounds"
    }

    /// Reads the text of a file; `path` is for the sentences.
    init(yaml: String, path: String) throws(ConfigFileError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw ConfigFileError(error, path: path)
        } catch {
            throw ConfigFileError(path: path, reason: "this is not YAML: \(error)")
        }
        guard let root, root.null == nil else { return }
        let reader = YAMLReader(path: path)
        let entries = try reader.members(of: root, "", known: Key.allCases.map(\.rawValue))
        for entry in entries where !entry.isEmpty { try read(entry, reader) }
        try checkProviders(of: entries, reader)
        // The variables of all keys are known by now.
        for entry in entries where entry.name == Key.tools.rawValue && !entry.isEmpty {
            tools = try Self.tools(entry, reader, keyVariables: keyVariables)
        }
    }

    private mutating func read(_ entry: YAMLReader.Entry, _ reader: YAMLReader) throws(ConfigFileError) {
        switch Key(rawValue: entry.name) {
        case .database: database = try reader.string(entry)
        case .defaultModel: defaultModel = try reader.model(entry)
        case .lastResort: lastResort = try reader.model(entry)
        case .offline: isOffline = try reader.flag(entry)
        case .roles:
            for role in try reader.members(of: entry) { roles[role.name] = try Self.role(role, reader) }
        case .providers:
            for provider in try reader.members(of: entry) {
                providers[provider.name] = try Self.provider(provider, reader)
            }
        case .prompts:
            for prompt in try reader.members(of: entry) { prompts.append(try Self.prompt(prompt, reader)) }
        case .toolRounds: toolRounds = try reader.count(entry, in: Self.toolRoundsRange)
        case .tools, nil: break
        }
    }

    private static func role(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> Role {
        var model: ModelName?
        var temperature: Double?
        var maxTokens: Int?
        var fallbacks: [ModelName] = []
        for member in try reader.members(
            of: entry, known: ["model", "temperature", "max_tokens", "fallback"])
        where !member.isEmpty {
            switch member.name {
            case "model": model = try reader.model(member)
            case "temperature": temperature = try reader.number(member)
            case "max_tokens": maxTokens = try reader.count(member)
            default: fallbacks = try reader.models(member)
            }
        }
        guard let model else { throw reader.error(entry, "the role needs a model") }
        return Role(model: model, temperature: temperature, maxTokens: maxTokens, fallbacks: fallbacks)
    }

    private static func prompt(
        _ entry: YAMLReader.Entry, _ reader: YAMLReader
    ) throws(ConfigFileError) -> NamedPrompt {
        guard entry.name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }), !entry.name.isEmpty
        else { throw reader.error(entry, "a prompt's name holds letters, digits, '-', '_' and '.' only") }
        var texts: [String: String] = [:]
        var place = entry
        if entry.value.mapping == nil {
            texts["prompt"] = try reader.string(entry)
        } else {
            for member in try reader.members(of: entry, known: ["prompt", "system", "summary"])
            where !member.isEmpty {
                texts[member.name] = try reader.string(member)
                if member.name == "prompt" { place = member }
                if member.name == "system", texts["system"]?.contains("{{") == true {
                    throw reader.error(
                        member, "a system prompt is the same for every row: put {{variables}} into the prompt"
                    )
                }
            }
        }
        guard let prompt = texts["prompt"] else { throw reader.error(entry, "it needs a prompt") }
        do throws(TemplateError) {
            return try NamedPrompt(
                name: entry.name, summary: texts["summary"] ?? "", system: texts["system"], prompt: prompt)
        } catch {
            throw reader.error(place, error.description)
        }
    }

    /// Every model that the settings name belongs to a provider that there is.
    private func checkProviders(
        of entries: [YAMLReader.Entry], _ reader: YAMLReader
    ) throws(ConfigFileError) {
        let known = Catalogue.with(self).names
        func check(_ model: ModelName, _ entry: YAMLReader.Entry) throws(ConfigFileError) {
            guard !known.contains(model.provider.text) else { return }
            let guess = NearestName.of(model.provider.text, among: known).map { "; did you mean '\($0)'?" }
            throw reader.error(
                entry,
                "there is no provider '\(model.provider)'\(guess ?? "; `parley providers list` shows all")")
        }
        for entry in entries where !entry.isEmpty {
            switch Key(rawValue: entry.name) {
            case .defaultModel, .lastResort: try check(reader.model(entry), entry)
            case .roles:
                for role in try reader.members(of: entry) {
                    for member in try reader.members(of: role)
                    where ["model", "fallback"].contains(member.name) && !member.isEmpty {
                        for model in try reader.models(member) { try check(model, member) }
                    }
                }
            default: break
            }
        }
    }
}
