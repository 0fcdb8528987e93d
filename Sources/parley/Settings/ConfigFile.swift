import BatchExecutor
import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack

/// The user's settings file.
///
/// ```yaml
/// database: /data/parley.db
/// default_model: openai/gpt-5.4-mini
/// last_resort: ollama/llama3.2
/// offline: false
/// roles:
///   judge: {model: anthropic/claude-sonnet-5, temperature: 0, fallback: [openai/gpt-5.4]}
/// providers:
///   lab: {dialect: openai-chat, base_url: "http://127.0.0.1:8000/v1", key_variable: LAB_KEY, tools: emulated}
/// tools:
///   clock: {summary: The time now., command: [date, -u]}
/// prompts:
///   tone: {system: You are a careful reader., prompt: "Is this friendly? {{text}}"}
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

    var database: String?
    var defaultModel: ModelName?
    /// Asked when a batch's model and its fallbacks will not do: usually one on this machine.
    var lastResort: ModelName?
    /// Only providers on this machine are asked.
    var isOffline = false
    var roles: OrderedDictionary<String, Role> = [:]
    var providers: OrderedDictionary<String, ProviderEntry> = [:]
    var prompts: [NamedPrompt] = []
    /// What conversations by hand offer to the models, in the order of the file.
    var tools: [CommandTool] = []
    /// How many times in one turn a model may ask for tools.
    var toolRounds = ConfigFile.toolRoundsDefault
}

extension ConfigFile {
    /// The role that a name means: the one of that name, else `default`; nil where there is neither.
    func role(named name: String?) -> Role? { roles[name ?? "default"] ?? roles["default"] }

    /// For each model that the settings name, who names it: `default model`, `judge`, `judge's fallback`, `last resort`.
    var uses: [(model: ModelName, by: String)] {
        var uses: [(ModelName, String)] = []
        if let defaultModel { uses.append((defaultModel, "default model")) }
        for (name, role) in roles {
            uses.append((role.model, name))
            uses += role.fallbacks.map { ($0, "\(name)'s fallback") }
        }
        if let lastResort { uses.append((lastResort, "last resort")) }
        return uses
    }

    /// The prompts that can be named with `@name`.
    var promptLibrary: PromptLibrary { PromptLibrary.builtIn.adding(prompts) }
}
