import OrderedCollections
import ParleyCore
import ProviderStack
import Yams

/// The user's settings file.
///
/// ```yaml
/// database: /data/parley.db
/// default_model: openai/gpt-4.1-mini
/// roles:
///   judge: {model: anthropic/claude-sonnet-4-5, temperature: 0, fallback: [openai/gpt-4.1]}
/// providers:
///   lab: {dialect: openai-chat, base_url: "http://127.0.0.1:8000/v1", key_variable: LAB_KEY}
/// ```
///
/// A key that is not known is an error that names the file, the line and the nearest known key: a misspelt setting that
/// is silently ignored costs more than an error.
struct ConfigFile: Sendable, Equatable {
    struct Role: Sendable, Equatable {
        var model: ModelName
        var temperature: Double?
        var maxTokens: Int?
        var fallbacks: [ModelName] = []
    }

    struct ProviderSetting: Sendable, Equatable {
        var dialect = Dialect.openAIChat
        var baseURL: String
        var keyVariable: String?
    }

    var database: String?
    var defaultModel: ModelName?
    var roles: OrderedDictionary<String, Role> = [:]
    var providers: OrderedDictionary<String, ProviderSetting> = [:]

    init() {}

    /// Reads the text of a file; `path` is for the sentences.
    init(yaml: String, path: String) throws(ConfigFileError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw ConfigFileError(path: path, line: error.line, reason: error.words)
        } catch {
            throw ConfigFileError(path: path, line: nil, reason: "\(error)")
        }
        guard let root, root.null == nil else { return }
        let reader = YAMLReader(path: path)
        for (key, value) in try reader.members(
            of: root, what: "the settings", known: ["database", "default_model", "roles", "providers"])
        {
            switch key {
            case "database": database = try reader.string(value, key)
            case "default_model": defaultModel = try reader.model(value, key)
            case "roles":
                for (name, role) in try reader.members(of: value, what: key) {
                    roles[name] = try Self.role(role, named: name, reader)
                }
            default:
                for (name, provider) in try reader.members(of: value, what: key) {
                    providers[name] = try Self.provider(provider, named: name, reader)
                }
            }
        }
    }

    private static func role(
        _ node: Node, named name: String, _ reader: YAMLReader
    ) throws(ConfigFileError) -> Role {
        let members = try reader.members(
            of: node, what: "the role '\(name)'", known: ["model", "temperature", "max_tokens", "fallback"])
        guard let model = members["model"] else {
            throw reader.error(node, "the role '\(name)' needs a model")
        }
        var role = Role(model: try reader.model(model, "model"))
        if let node = members["temperature"] { role.temperature = try reader.number(node, "temperature") }
        if let node = members["max_tokens"] { role.maxTokens = try reader.integer(node, "max_tokens") }
        if let node = members["fallback"] {
            for item in node.sequence.map({ Array($0) }) ?? [node] {
                role.fallbacks.append(try reader.model(item, "fallback"))
            }
        }
        return role
    }

    private static func provider(
        _ node: Node, named name: String, _ reader: YAMLReader
    ) throws(ConfigFileError) -> ProviderSetting {
        let members = try reader.members(
            of: node, what: "the provider '\(name)'", known: ["dialect", "base_url", "key_variable"])
        guard let url = members["base_url"] else {
            throw reader.error(node, "the provider '\(name)' needs a base_url")
        }
        var provider = ProviderSetting(baseURL: try reader.string(url, "base_url"))
        if let node = members["dialect"] { provider.dialect = try reader.choice(node, "dialect") }
        if let node = members["key_variable"] {
            provider.keyVariable = try reader.string(node, "key_variable")
        }
        return provider
    }
}
