public import ArgumentParser
public import BatchExecutor
import ConversationStore
import ParleyCore
import UsageReport

/// `parley results`: the answers of a batch, in the order of its input.
struct Results: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the answers of a batch, in the order of its file and with its columns.",
        discussion: """
            Failed jobs are written with their error. Jobs that are not finished are left out, and counted, unless \
            --partial is given. A file appears whole or not at all; without --format its ending decides. A CSV is safe \
            to open in a spreadsheet: no cell can become a formula.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The batch.")
    var batch: String

    @Option(
        help: ArgumentHelp(
            "How it is written (default: by the file's ending, else jsonl).", valueName: "format"))
    var format: AnswerWriter.Format?

    @Option(
        name: [.customShort("O"), .long],
        help: ArgumentHelp("Where to; without it, standard output.", valueName: "file"))
    var output: String?

    @Flag(help: "Write unfinished jobs too, with whatever there is of their answers.")
    var partial = false

    func run() async throws {
        let workspace = try Workspace(global)
        let format = format ?? AnswerWriter.Format(endingOf: output) ?? .jsonl
        let (written, left) = try await workspace.withStore(.reading) { store in
            let record = try await store.requireUnpruned(named: batch)
            let written = try await write(record, from: store, as: format, on: workspace.screen)
            return (written, try await store.unfinished(in: record))
        }
        if let output {
            workspace.screen.say("\(Figures.count(written, "answer")) of \(batch) in \(output)")
        }
        if left > 0, !partial {
            let verb = left == 1 ? "is" : "are"
            workspace.screen.say(
                "\(Figures.count(left, "job")) of \(batch) \(verb) not finished and left out; `parley run \(batch)` goes on, "
                    + "--partial writes them too.")
        }
    }

    private func write(
        _ record: BatchRecord, from store: Store, as format: AnswerWriter.Format, on screen: Screen
    ) async throws -> Int {
        let scope = partial ? AnswerScope.everything : .finished
        guard let output else {
            return try await Self.write(record, scope, from: store, as: format) {
                screen.result(bytes: copy $0)
            }
        }
        return try await AtomicFile.write(to: output) { file in
            try await Self.write(record, scope, from: store, as: format) { try file.write($0) }
        }
    }

    /// Gives the number of answers.
    private static func write(
        _ record: BatchRecord, _ scope: AnswerScope, from store: Store, as format: AnswerWriter.Format,
        to sink: @escaping AnswerWriter.Sink
    ) async throws -> Int {
        var columns = AnswerColumns(schema: record.settings.schema)
        if format == .csv {
            try await store.answers(of: record.id, including: scope) { columns.add($0) }
        }
        var writer = AnswerWriter(format: format, columns: columns, sink: sink)
        var count = 0
        try await store.answers(of: record.id, including: scope) { answer in
            try writer.write(answer)
            count += 1
        }
        try writer.finish()
        return count
    }
}

extension AnswerWriter.Format: ExpressibleByArgument {
    /// What a file's ending says; nil for an ending that says nothing.
    init?(endingOf path: String?) {
        guard let ending = path?.split(separator: ".").last?.lowercased() else { return nil }
        switch ending {
        case "csv": self = .csv
        case "json": self = .json
        case "jsonl", "ndjson": self = .jsonl
        default: return nil
        }
    }
}

extension Store {
    /// Jobs of a batch that may still be answered.
    func unfinished(in batch: BatchRecord) async throws -> Int {
        let counts = try await status(of: [batch.name]).first?.counts ?? [:]
        return counts.reduce(0) { $0 + ($1.key.isFinal ? 0 : $1.value) }
    }
}
