public import ArgumentParser
public import BatchExecutor
public import ConversationStore
import ParleyCore

/// How a run goes about its work.
struct RunOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The most requests in the air at once (default: 32).", valueName: "n"))
    var concurrency: Int?

    @Option(help: ArgumentHelp("The most requests a minute to each model of an account.", valueName: "n"))
    var rpm: Int?

    @Option(help: ArgumentHelp("The most tokens a minute to each model of an account.", valueName: "n"))
    var tpm: Int?

    @Option(
        help: ArgumentHelp(
            "End the run instead of letting a request wait longer for limits (default: as long as it takes).",
            valueName: "seconds"))
    var limitTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "The most that the batches may cost in all, in dollars: nothing is sent that could pass it.",
            valueName: "usd"))
    var budget: Dollars?

    @Option(
        help: ArgumentHelp(
            "cache: jobs that begin alike go one after the other, so that the provider's cache pays; "
                + "arrival: as they were enqueued.", valueName: "order"))
    var order: RunOrder = .cache

    @Option(
        help: ArgumentHelp(
            "Requests that were sent and never answered: ask again, or hold them for you.",
            valueName: "policy"))
    var unknown: UnknownPolicy = .retry

    @Option(
        help: ArgumentHelp(
            "After how long a silence another process takes this one's jobs over (default: 60).",
            valueName: "seconds"))
    var lease: Int?

    @Flag(help: "Go on waiting for new jobs when all is done.")
    var watch = false

    func validate() throws {
        let limit = RunSettings.concurrencyMax
        if let concurrency, !(1...limit).contains(concurrency) {
            throw ValidationError("--concurrency is \(concurrency), but must be from 1 to \(limit)")
        }
        for (name, value) in [
            ("--rpm", rpm), ("--tpm", tpm), ("--limit-timeout", limitTimeout), ("--lease", lease),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value), but must be at least 1") }
        }
    }
}

/// An amount in dollars, read exactly; a leading `$` may stand before it.
struct Dollars: ExpressibleByArgument, Equatable {
    let amount: Picodollars

    init?(argument: String) {
        guard
            let amount = Picodollars(
                dollars: argument.hasPrefix("$") ? String(argument.dropFirst()) : argument)
        else { return nil }
        self.amount = amount
    }
}

extension RunOrder: ExpressibleByArgument {}

extension UnknownPolicy: ExpressibleByArgument {}
