import ArgumentParser
import ConversationStore
import ParleyCore
import UsageReport

/// `parley retry`: gives failed jobs, or those whose fate is unknown, another chance.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Queue failed jobs again (or, with --unknown, those whose fate is unknown).",
        discussion: "A failed job is asked as a new request; an unknown one under the same idempotency key.")

    @OptionGroup var target: SteeringTarget

    @Flag(help: "Failed jobs; the default unless --unknown is given.")
    var failed = false

    @Flag(help: "Jobs whose request was sent and never answered.")
    var unknown = false

    func run() async throws {
        var states: Set<JobState> = unknown ? [.unknown] : [.failed]
        if failed { states.insert(.failed) }
        try await target.steer(verb: "queued again", member: "queued") { store, batch in
            try await store.retry(batch: batch, states: states)
        }
    }
}

/// `parley pause`: hands out no more of a batch's jobs.
struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand out no more jobs of a batch; what is in the air is finished.")

    @OptionGroup var target: SteeringTarget

    func run() async throws {
        try await target.steer(verb: "held back", member: "held") { store, batch in
            try await store.pause(batch: batch)
        }
    }
}

/// `parley unpause`: goes on with a paused batch.
struct Unpause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Go on with a paused batch.")

    @OptionGroup var target: SteeringTarget

    func run() async throws {
        try await target.steer(verb: "due again", member: "due") { store, batch in
            try await store.unpause(batch: batch)
        }
    }
}

/// `parley cancel`: gives up what is not answered yet.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Give up the jobs of a batch that are not answered yet; answers are kept.")

    @OptionGroup var target: SteeringTarget

    func run() async throws {
        try await target.steer(verb: "cancelled", member: "cancelled") { store, batch in
            try await store.cancel(batch: batch)
        }
    }
}

/// The batch that is steered, and how the outcome is told.
struct SteeringTarget: ParsableArguments {
    @OptionGroup var global: GlobalOptions

    @Argument(help: "The batch.")
    var batch: String

    @Flag(help: "One JSON object.")
    var json = false

    /// - Parameters:
    ///   - verb: what happened to the jobs, for people.
    ///   - member: the same as the name of a JSON member.
    func steer(verb: String, member: String, _ work: (Store, BatchID) async throws -> Int) async throws {
        let workspace = try Workspace(global)
        let count = try await workspace.withStore(.writing) { store in
            try await work(store, store.requireBatch(named: batch).id)
        }
        if json {
            let object: JSON = ["batch": .string(batch), member: .int(count)]
            workspace.screen.result(object.text() + "\n")
        } else {
            workspace.screen.say("\(batch): \(Figures.count(count, "job")) \(verb)")
        }
    }
}
