import BatchExecutor
import ConversationStore
import Conversations
import Logging
import OrderedCollections
import ParleyCore
import ProviderStack

/// What `chat` and `resume` work with: the store, a runner on it, the screen, and whoever hears signals.
struct ChatDesk: Sendable {
    let workspace: Workspace
    let store: Store
    let roster: ProviderRoster
    let runner: ConversationRunner
    let stops: StopDesk

    var screen: Screen { workspace.screen }

    /// Opens all of it for a piece of work and closes it after, whatever happens.
    static func open<Value: Sendable>(
        _ workspace: Workspace, offline: OfflineOption, streams: Bool, confirmer: Confirmer?,
        _ work: @escaping @Sendable (ChatDesk) async throws -> Value
    ) async throws -> Value {
        let config = workspace.config
        var confirm: CommandToolBox.Confirm?
        if let confirmer { confirm = { call, tool in await confirmer.decide(on: call, tool) } }
        let tools = try CommandToolBox(
            config.tools, environment: workspace.environment, time: workspace.time, confirm: confirm)
        let roster = ProviderRoster(
            config: workspace.config, environment: workspace.environment, connectionsMax: 8,
            watch: ConnectivityWatch(isChosen: offline.isChosen(workspace.config), time: workspace.time))
        do {
            let value = try await workspace.withStore(.writing) { store in
                try await store.closeLostTurns()
                var settings = ConversationSettings()
                settings.streams = streams
                settings.lastResort = config.lastResort
                settings.toolRoundsMax = config.toolRounds
                let runner = ConversationRunner(
                    store: store, providers: roster, tools: tools, settings: settings, time: workspace.time)
                let desk = ChatDesk(
                    workspace: workspace, store: store, roster: roster, runner: runner, stops: StopDesk())
                do {
                    let value = try await desk.stops.listening { try await work(desk) }
                    await runner.close()
                    return value
                } catch {
                    await runner.close()
                    throw error
                }
            }
            await roster.close()
            return value
        } catch {
            await roster.close()
            throw Self.failure(of: error)
        }
    }

    /// What keeps anything from being asked, as an end of the program.
    private static func failure(of error: any Error) -> any Error {
        switch error {
        case let error as ConfigurationError: CommandFailure(error.description, status: error.status)
        case let error as OfflineError: CommandFailure(error.description, status: .stoppedEarly)
        default: error
        }
    }

    /// The same where a conversation goes on after it; nil for what ends the program.
    static func sentence(of error: any Error) -> String? {
        switch error {
        case let error as ConfigurationError: error.description
        case let error as OfflineError: error.description
        case StoreError.sessionBusy, StoreError.turnLost: "\(error)"
        default: nil
        }
    }

    /// A conversation that is to go on: a job's goes on in a copy, so that the job's answer stays what it is.
    func takenUp(_ id: SessionID) async throws -> SessionID {
        let session = try await store.requireSession(id)
        guard session.job != nil else { return id }
        let fork = try await store.fork(id, through: nil, title: nil)
        screen.say("Session \(id) is a job's; it goes on in a copy, session \(fork).")
        return fork
    }

    /// A model that can be asked, as far as can be seen from here: its provider is known and has its key.
    func checked(_ model: ModelName) throws -> ModelName {
        do {
            _ = try roster.provider(for: model)
            return model
        } catch {
            throw CommandFailure("\(error)")
        }
    }
}

extension ChatDesk {
    /// The end of a program that has asked once: the answer as JSON where that is wanted, what is missing, what it took, and the
    /// command that goes on.
    func end(_ exchange: Exchange, _ farewell: Farewell, isJSON: Bool) -> ExitStatus {
        if isJSON { screen.result(exchange.answer.json.text() + "\n") }
        for line in ExchangeText.lines(exchange, isConversation: false) { screen.tell(line) }
        var farewell = farewell
        farewell.add(exchange)
        farewell.missing = nil
        let width = screen.terminal.isInteractive ? screen.terminal.width : .max
        for line in farewell.lines(screen.style, width: width) { screen.say(line) }
        return exchange.status(after: stops.signal)
    }
}

extension Workspace {
    /// Reads what a person writes, with keys and a history for a conversation; nil where nobody types.
    func lineReader(isConversation: Bool) -> (any LineReader)? {
        guard Terminal.isTypedAt else { return nil }
        let screen = screen
        let plain = { PlainLineReader(show: { screen.mutter($0) }) }
        guard isConversation, environment["TERM"] != "dumb" else { return plain() }
        let history = PromptHistory(path: Directories(environment: environment)?.historyFile)
        let completion = SlashCompletion(
            models: { [config] in config.uses.map(\.model.description) },
            roles: { [config] in Array(config.roles.keys) })
        let editor = LineEditor(history: history) {
            completion.completion(before: $0, width: screen.terminal.width)
        }
        return editor ?? plain()
    }
}

extension Exchange {
    /// What the program's end says after it.
    func status(after signal: StopSignal?) -> ExitStatus {
        if let signal { return signal.status }
        return switch outcome {
        case .answered: .done
        case .failed: .jobsFailed
        case .waitsForTools, .roundsUsedUp: .stoppedEarly
        case .interrupted: .interrupted
        }
    }
}
