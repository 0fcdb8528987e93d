import BatchExecutor
import ConversationStore
import Conversations
import Logging
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
        _ workspace: Workspace, offline: OfflineOption, streams: Bool, tools: any ToolBox = NoTools(),
        _ work: @escaping @Sendable (ChatDesk) async throws -> Value
    ) async throws -> Value {
        let roster = ProviderRoster(
            config: workspace.config, environment: workspace.environment, connectionsMax: 8,
            watch: ConnectivityWatch(isChosen: offline.isChosen(workspace.config), time: workspace.time))
        do {
            let value = try await workspace.withStore(.writing) { store in
                try await store.closeLostTurns()
                var settings = ConversationSettings()
                settings.streams = streams
                settings.lastResort = workspace.config.lastResort
                let runner = ConversationRunner(
                    store: store, providers: roster, tools: tools, settings: settings, time: workspace.time)
                let desk = ChatDesk(
                    workspace: workspace, store: store, roster: roster, runner: runner, stops: StopDesk())
                roster.listen { model, reading in
                    runner.hear(reading, of: model)
                }
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
