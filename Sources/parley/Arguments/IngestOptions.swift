public import ArgumentParser
public import BatchExecutor
import OrderedCollections
import ParleyCore

/// What the rows of a file are to become; the same for `enqueue` and for a file given to `run`.
struct IngestOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("The batch (default: the file's name).", valueName: "name"))
    var batch: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Who answers, written provider/model.", valueName: "model"),
        transform: ModelName.given)
    var model: ModelName?

    @Option(help: ArgumentHelp("A role of the settings: its model, limits and fallbacks.", valueName: "role"))
    var role: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The system prompt of every job.", valueName: "text"))
    var system: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The prompt, with {{column}} for a row's columns; or @name, one of `parley prompts list`.",
            valueName: "template"))
    var prompt: String?

    @Option(
        help: ArgumentHelp("Asked when the model will not do; may be repeated.", valueName: "model"),
        transform: ModelName.given)
    var fallback: [ModelName] = []

    @Option(help: ArgumentHelp("The most tokens of an answer.", valueName: "n"))
    var maxTokens: Int?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Added to every request: -o temperature 0; may be repeated.", valueName: "key value"))
    var option: [RequestOption] = []

    @Option(help: ArgumentHelp("A JSON Schema that every answer is to fulfil.", valueName: "file"))
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "How often a job is asked again when its answer does not follow its schema, 0 to 10 (default: 1).",
            valueName: "n"))
    var schemaRetries: Int?

    @Option(help: ArgumentHelp("How the file is written.", valueName: "format"))
    var format: JobFileFormat = .auto

    @Option(
        help: ArgumentHelp(
            "The column with the rows' own ids (default: custom_id or id).", valueName: "column"))
    var idColumn: String?

    @Option(help: ArgumentHelp("Batches with a higher one go first.", valueName: "n"))
    var priority: Int?

    @Option(help: ArgumentHelp("How many requests one job may take.", valueName: "n"))
    var maxAttempts: Int?

    @Option(
        help: ArgumentHelp(
            "Nothing is sent from then on: 90m, 2h, 3d from now, or a moment such as 2026-11-22T08:00Z.",
            valueName: "when"))
    var deadline: Deadline?

    @Option(
        help: ArgumentHelp(
            "The longest that one request may take: seconds, or 90s, 5m.", valueName: "time"),
        transform: Duration.given)
    var timeout: Duration?

    @Flag(help: "Leave bad rows out instead of refusing the file.")
    var skipBadRows = false

    func validate() throws {
        if model != nil, role != nil { throw ValidationError("--model and --role exclude each other") }
        for (name, value) in [("--max-tokens", maxTokens), ("--max-attempts", maxAttempts)] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value), but must be at least 1") }
        }
        if let count = schemaRetries, !BatchSettings.schemaRetriesRange.contains(count) {
            let range = BatchSettings.schemaRetriesRange
            throw ValidationError(
                "--schema-retries is \(count), but must be from \(range.lowerBound) to \(range.upperBound)")
        }
        if let batch, batch.isEmpty || batch.hasPrefix("-") {
            throw ValidationError("'\(batch)' cannot be the name of a batch")
        }
    }
}

/// One `-o key value`; a value that is JSON stands for what it says, any other for its text.
struct RequestOption: ExpressibleByArgument, Equatable {
    let name: String
    let value: JSON

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        let text = String(argument[argument.index(after: equals)...])
        value = (try? JSON(parsing: text)) ?? .string(text)
    }
}

extension ModelName {
    /// Reads a model's name from the command line.
    static func given(_ text: String) throws -> ModelName {
        if let name = ModelName(text) { return name }
        throw ValidationError("'\(text)' is no model; write provider/model, such as openai/gpt-5.4-mini")
    }
}

extension Duration {
    /// Reads a length of time from the command line.
    static func given(_ text: String) throws -> Duration {
        if let duration = Duration(written: text) { return duration }
        throw ValidationError("'\(text)' is no length of time; write seconds, or a time such as 90s or 5m")
    }
}

extension Deadline: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension JobFileFormat: ExpressibleByArgument {}
