import ArgumentParser
import ParleyCore
import ProviderSimulator

/// How the simulator behaves.
///
/// The same settings shape the simulator in process, which has no command line of its own: there they are read from
/// `PARLEY_SIMULATE_…` variables.
struct SimulateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Requests a minute; more are answered 429.", valueName: "n"))
    var rpm: Int?

    @Option(help: ArgumentHelp("Tokens a minute; more are answered 429.", valueName: "n"))
    var tpm: Int?

    @Option(help: ArgumentHelp("How long an answer takes (default: 200).", valueName: "ms"))
    var latencyMs: Int?

    @Option(help: ArgumentHelp("By how much that varies, up and down.", valueName: "ms"))
    var jitterMs: Int?

    @Option(help: ArgumentHelp("The share of requests that go wrong, from 0 to 1.", valueName: "share"))
    var errorRate: Double?

    @Option(help: ArgumentHelp("The same seed gives the same answers and faults.", valueName: "n"))
    var seed: Int?

    func validate() throws {
        for (name, value) in [("--rpm", rpm), ("--tpm", tpm)] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value), but must be at least 1") }
        }
        for (name, value) in [("--latency-ms", latencyMs), ("--jitter-ms", jitterMs), ("--seed", seed)] {
            if let value, value < 0 { throw ValidationError("\(name) is \(value), but must not be negative") }
        }
        if let errorRate, !(0...1).contains(errorRate) {
            throw ValidationError("--error-rate is \(errorRate), but must be from 0 to 1")
        }
    }

    /// The options in the environment, for the simulator in process.
    static func settings(from environment: [String: String]) throws -> SimulatorSettings {
        func value(_ name: String) -> String? {
            environment[Variable.prefix + "SIMULATE_" + name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let names = ["RPM", "TPM", "LATENCY_MS", "JITTER_MS", "ERROR_RATE", "SEED"]
        let words = names.flatMap { name in
            value(name).map { ["--\(name.lowercased().split(separator: "_").joined(separator: "-"))=\($0)"] } ?? []
        }
        do {
            return try SimulateOptions.parse(words).settings
        } catch {
            throw CommandFailure.usage("PARLEY_SIMULATE_…: \(SimulateOptions.message(for: error))")
        }
    }
}
