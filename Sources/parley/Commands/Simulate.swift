import ArgumentParser
import Foundation
import ParleyCore
import ProviderSimulator
import UnixSignals
import UsageReport

/// `parley simulate`: a provider on loopback that costs nothing and can be made to misbehave.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve simulated answers on loopback, with limits and faults, until stopped.",
        discussion:
            """
            It speaks the dialects of OpenAI (chat and Responses), Anthropic and Ollama, with the rules of their caches. How
            to use it is written to standard output.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "n"))
    var port: Int = 8377

    @OptionGroup var options: SimulateOptions

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is \(port), but must be from 0 to 65535")
        }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let screen = workspace.screen
        let server = SimulatorServer(settings: options.settings, port: port)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await server.run { port in screen.result(Self.directions(port: port)) }
                }
                group.addTask {
                    for await _ in signals { return }
                }
                // Whichever ends first ends the other: a signal the server, a port in use the waiting.
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
        } catch is CancellationError {
        } catch {
            throw CommandFailure("the simulator cannot listen on port \(port): \(Self.reason(error))")
        }
        let stats = server.stats
        if let requests = stats["requests"]?.intValue {
            screen.say("The simulator received \(Figures.count(requests, "request")).")
        }
    }

    /// What to set so that clients find it, as a shell takes it.
    static func directions(port: Int) -> String {
        """
        # Simulated answers at http://127.0.0.1:\(port)/v1 until Ctrl-C. For `-m simulator/sim-small`:
        export SIMULATOR_BASE_URL=http://127.0.0.1:\(port)/v1
        # or, for programs that speak to OpenAI, Anthropic or Ollama:
        export OPENAI_BASE_URL=http://127.0.0.1:\(port)/v1 OPENAI_API_KEY=simulated
        export ANTHROPIC_BASE_URL=http://127.0.0.1:\(port) ANTHROPIC_API_KEY=simulated
        export OLLAMA_HOST=http://127.0.0.1:\(port)

        """
    }

    private static func reason(_ error: any Error) -> String {
        let text = "\(error)"
        return text.contains("Address already in use") ? "something else listens there" : text
    }
}
