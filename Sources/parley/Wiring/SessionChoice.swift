import BatchExecutor
import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore

/// Which conversation is gone on with, or what a new one begins with: options, roles and defaults put together.
struct SessionChoice: Sendable {
    let options: ChatOptions
    let config: ConfigFile
    /// Hears what is not wrong, but perhaps not meant.
    let warn: @Sendable (String) -> Void

    /// Where a question goes. What the options say of a conversation that goes on is changed in it first.
    func place(at desk: ChatDesk) async throws -> TurnDraft.Place {
        guard options.continues || options.session != nil else { return .new(try draft()) }
        let session: SessionID
        if let number = options.session {
            session = try await desk.takenUp(SessionID(number))
        } else if let last = try await desk.store.lastSession() {
            session = last.id
        } else {
            throw CommandFailure("there is no conversation yet to go on with")
        }
        try await change(try await desk.store.requireSession(session), in: desk.store)
        return .existing(session)
    }

    /// Every tool that is named is one of the settings.
    func checkTools() throws {
        for name in options.tool where !config.tools.contains(where: { $0.name == name }) {
            let guess = NearestName.of(name, among: config.tools.map(\.name)).map {
                "; did you mean '\($0)'?"
            }
            throw CommandFailure.usage(
                "there is no tool '\(name)' in the settings\(guess ?? "; `parley tools list` shows all")")
        }
    }

    /// A new conversation.
    func draft() throws -> SessionDraft {
        let role = config.role(named: options.role)
        guard let model = options.model ?? role?.model ?? config.defaultModel else {
            throw CommandFailure.usage(
                "nobody is named to be asked: use -m provider/model, or set default_model in the settings")
        }
        warnOfUnknownRole(model)
        var settings = SessionSettings(
            fallbacks: options.fallback, maxTokens: options.maxTokens, options: options.requestOptions,
            schema: try options.schema.map(SchemaFile.reading), tools: options.chosenTools)
        if options.model == nil, let role {
            if settings.fallbacks.isEmpty { settings.fallbacks = role.fallbacks }
            settings.maxTokens = settings.maxTokens ?? role.maxTokens
            settings.temperature = role.temperature
        }
        return SessionDraft(
            role: options.role ?? "default", model: model, system: options.system, settings: settings)
    }

    /// Only what the options say; the rest stays as it was.
    private func change(_ session: SessionRecord, in store: Store) async throws {
        var settings = session.settings
        var change = SessionChange(system: options.system)
        if let name = options.role { (change, settings) = try changed(to: name, session, change) }
        if let model = options.model { change.model = model }
        if !options.fallback.isEmpty { settings.fallbacks = options.fallback }
        if let limit = options.maxTokens { settings.maxTokens = limit }
        settings.options.merge(options.requestOptions) { _, new in new }
        if let schema = options.schema { settings.schema = try SchemaFile.reading(schema) }
        if let tools = options.chosenTools { settings.tools = tools }
        if settings != session.settings { change.settings = settings }
        if change != SessionChange() { try await store.change(session.id, change) }
    }

    /// A conversation that goes on in another role takes that role's model, limits and fallbacks.
    func changed(
        to name: String, _ session: SessionRecord, _ change: SessionChange = SessionChange()
    ) throws -> (SessionChange, SessionSettings) {
        var change = change
        var settings = session.settings
        change.role = name
        if let role = config.role(named: name) {
            change.model = role.model
            settings.fallbacks = role.fallbacks
            settings.maxTokens = role.maxTokens
            settings.temperature = role.temperature
        }
        warnOfUnknownRole(change.model ?? session.model, role: name)
        return (change, settings)
    }

    private func warnOfUnknownRole(_ model: ModelName, role: String? = nil) {
        guard let name = role ?? options.role, name != "default", config.roles[name] == nil else { return }
        let guess = NearestName.of(name, among: config.roles.keys).map { " (did you mean '\($0)'?)" } ?? ""
        warn("There is no role '\(name)' in the settings\(guess): \(model) answers.")
    }
}
