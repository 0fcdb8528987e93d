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

    @Option(help: ArgumentHelp("Input tokens a minute, apart from the output.", valueName: "n"))
    var inputTpm: Int?

    @Option(help: ArgumentHelp("Output tokens a minute, apart from the input.", valueName: "n"))
    var outputTpm: Int?

    @Option(help: ArgumentHelp("The longest prompt, in tokens; a longer one is refused.", valueName: "n"))
    var context: Int?

    @Option(help: ArgumentHelp("How long an answer takes (default: 100).", valueName: "ms"))
    var latencyMs: Int?

    @Option(
        help: ArgumentHelp("By which share of itself that varies, 0 to 1 (default: 0.2).", valueName: "share")
    )
    var jitter: Double?

    @Option(
        help: ArgumentHelp("The share of requests that go wrong, 0 to 1 (default: 0).", valueName: "share"))
    var errorRate: Double?

    @Option(
        help: ArgumentHelp(
            "What goes wrong: \(WeightedFault.names); stall=2 makes it twice as likely; may be repeated.",
            valueName: "fault"))
    var fault: [WeightedFault] = []

    @Option(
        help: ArgumentHelp(
            "Where in an answer cut, stall and malformed strike: first, middle, last (default: middle).",
            valueName: "point"),
        transform: { word in
            guard let point = FaultPoint(rawValue: word) else {
                throw ValidationError("--fault-point is '\(word)', but must be first, middle or last")
            }
            return point
        })
    var faultPoint: FaultPoint?

    @Option(
        help: ArgumentHelp("How long the faults 429-… ask to be left alone (default: 1000).", valueName: "ms")
    )
    var retryAfterMs: Int?

    @Option(help: ArgumentHelp("How long a stall lasts (default: 30000).", valueName: "ms"))
    var stallMs: Int?

    @Option(
        help: ArgumentHelp("The same seed gives the same answers and faults (default: 0).", valueName: "n"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("The key that is asked for; any other is answered 401.", valueName: "key"))
    var key: String?

    func validate() throws {
        let limits = [
            ("--rpm", rpm), ("--tpm", tpm), ("--input-tpm", inputTpm), ("--output-tpm", outputTpm),
            ("--context", context),
        ]
        for (name, value) in limits {
            if let value, value < 1 { throw ValidationError("\(name) is \(value), but must be at least 1") }
        }
        let times = [
            ("--latency-ms", latencyMs), ("--retry-after-ms", retryAfterMs), ("--stall-ms", stallMs),
        ]
        for (name, value) in times {
            if let value, value < 0 {
                throw ValidationError("\(name) is \(value), but must not be negative")
            }
        }
        for (name, value) in [("--error-rate", errorRate), ("--jitter", jitter)] {
            if let value, !(0...1).contains(value) {
                throw ValidationError("\(name) is \(value), but must be from 0 to 1")
            }
        }
    }

    var settings: SimulatorSettings {
        var settings = SimulatorSettings(
            requestsPerMinute: rpm, tokensPerMinute: tpm, inputTokensPerMinute: inputTpm,
            outputTokensPerMinute: outputTpm, contextTokensMax: context, errorRate: errorRate ?? 0,
            apiKey: key)
        if let seed { settings.seed = seed }
        if let latencyMs { settings.latency = .milliseconds(latencyMs) }
        if let jitter { settings.latencyJitter = jitter }
        if let faultPoint { settings.faultPoint = faultPoint }
        if let retryAfterMs { settings.faultRetryAfter = .milliseconds(retryAfterMs) }
        if let stallMs { settings.stall = .milliseconds(stallMs) }
        if !fault.isEmpty {
            settings.faults = Dictionary(fault.map { ($0.fault, $0.weight) }, uniquingKeysWith: +)
        }
        return settings
    }

    /// The variables that shape the simulator in process.
    static let variables = [
        "RPM", "TPM", "INPUT_TPM", "OUTPUT_TPM", "CONTEXT", "LATENCY_MS", "JITTER", "ERROR_RATE", "FAULT",
        "FAULT_POINT", "RETRY_AFTER_MS", "STALL_MS", "SEED",
    ].map { Variable.prefix + "SIMULATE_" + $0 }

    static func settings(from environment: [String: String]) throws -> SimulatorSettings {
        var words: [String] = []
        for variable in variables {
            guard let value = environment[variable], !value.isEmpty else { continue }
            let name = variable.dropFirst("PARLEY_SIMULATE_".count).lowercased().map { $0 == "_" ? "-" : $0 }
            words += value.split(separator: ",").map { "--\(String(name))=\($0)" }
        }
        do {
            return try SimulateOptions.parse(words).settings
        } catch {
            throw CommandFailure.usage("PARLEY_SIMULATE_…: \(SimulateOptions.message(for: error))")
        }
    }
}

/// A fault and how often it comes beside the others: `stall=2`.
struct WeightedFault: ExpressibleByArgument, Equatable {
    let fault: SimulatedFault
    let weight: Double

    /// Every fault's name, as the help lists them.
    static let names = SimulatedFault.allCases.map(\.rawValue).joined(separator: ", ")

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard let fault = parts.first.flatMap({ SimulatedFault(rawValue: String($0)) }),
            let weight = parts.count == 1 ? 1 : Double(parts[1]), weight > 0, weight.isFinite
        else { return nil }
        self.fault = fault
        self.weight = weight
    }
}
