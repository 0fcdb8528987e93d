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
        discussion: "It speaks the OpenAI dialect. The address and how to use it are written to standard output.")

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
    }
}
