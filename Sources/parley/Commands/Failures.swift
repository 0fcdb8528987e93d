public import ArgumentParser
import ConversationStore
public import ParleyCore
import UsageReport

/// `parley failures`: what went wrong, and with which request.
struct Failures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What went wrong: list, show, prune.",
        subcommands: [FailuresList.self, FailuresShow.self, FailuresPrune.self])
}

/// `parley failures list`: the failed requests, the newest first, and how often which kind came.
struct FailuresList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the failed requests, the newest first, and count them by kind.",
        discussion: """
            A request that failed once and was answered at the second try is listed too. Of old ones only the ledger knows: \
            a run keeps the newest 10,000 and none older than 90 days.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("One batch only.", valueName: "name"))
    var batch: String?

    @Option(help: ArgumentHelp("One kind only.", valueName: "kind"))
    var kind: Failure.Kind?

    @Option(help: ArgumentHelp("From when on: a date, today, or 36h, 7d, 2w.", valueName: "date"))
    var since: String?

    @Option(help: ArgumentHelp("The most that are listed; all are counted.", valueName: "n"))
    var limit: Int = FailureQuery.limitDefault

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...FailureQuery.limitMax).contains(limit) else {
            throw ValidationError("--limit is \(limit), but must be from 1 to \(FailureQuery.limitMax)")
        }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let since = try workspace.moment(since)
        let (records, counts) = try await workspace.withStore(.reading) { store in
            let batch = try await batch.asyncMap { try await store.requireBatch(named: $0).id }
            let query = FailureQuery(batch: batch, kind: kind, since: since, limit: limit)
            return (try await store.failures(query), try await store.failureCounts(query))
        }
        if json {
            let object: JSON = [
                "failures": .array(records.map(\.json)), "by_kind": .array(counts.map(\.json)),
                "count": .int(counts.reduce(0) { $0 + $1.count }),
            ]
            return workspace.screen.result(object.text() + "\n")
        }
        guard let newest = records.first else { return workspace.screen.say("No request has failed.") }
        workspace.screen.result(Self.table(records).text + "\n" + Self.table(counts).text)
        workspace.screen.say("`parley failures show \(newest.id)` shows the newest whole.")
    }

    static func table(_ records: [FailureRecord]) -> TextTable {
        TextTable(
            columns: [
                .init("id", .right), .init("when"), .init("kind"), .init("status", .right), .init("model"),
                .init("batch"), .init("job"), .init("message"),
            ],
            rows: records.map { record in
                [
                    String(record.id.number), record.failedAt.second, record.kind,
                    record.status.map { String($0) } ?? "", record.model.description, record.batch ?? "",
                    record.jobKey ?? "", record.firstWords,
                ]
            })
    }

    static func table(_ counts: [FailureCount]) -> TextTable {
        let all = counts.reduce(0) { $0 + $1.count }
        return TextTable(
            columns: [.init("kind"), .init("count", .right), .init("last"), .init("what follows")],
            rows: counts.map { count in
                [
                    count.kind, Figures.grouped(count.count), count.lastAt.second,
                    Failure.Kind(rawValue: count.kind)?.advice.sentence ?? "",
                ]
            },
            footer: counts.count > 1 ? ["all", Figures.grouped(all), "", ""] : nil)
    }
}

/// `parley failures prune`: throws old evidence away.
struct FailuresPrune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Throw old failed requests away; the ledger keeps that they failed.",
        discussion: """
            Without an option what a run throws away at its end: all but the newest 10,000, and what is older than 90 days.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("Keep the newest so many.", valueName: "n"))
    var keep: Int?

    @Option(help: ArgumentHelp("What is older: 30d, 12h, 2w, or than a date.", valueName: "age"))
    var olderThan: String?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if let keep, keep < 0 { throw ValidationError("--keep is \(keep), but must not be negative") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let oldest = try workspace.moment(olderThan)
        let now = workspace.time.now
        let isPlain = keep == nil && oldest == nil
        try await workspace.withStore(.reading) { _ in }
        let (pruned, kept) = try await workspace.withStore(.writing) { store in
            let pruned = try await store.pruneFailedRequests(
                keeping: isPlain ? Store.failedRequestsMax : keep,
                younger: isPlain ? Store.failedRequestsAgeMax : oldest.map { now.since($0) })
            return (pruned, try await store.failureCounts().reduce(0) { $0 + $1.count })
        }
        if json {
            let object: JSON = ["pruned": .int(pruned), "kept": .int(kept)]
            return workspace.screen.result(object.text() + "\n")
        }
        workspace.screen.say(
            "\(Figures.count(pruned, "failed request")) thrown away, \(Figures.grouped(kept)) kept.")
    }
}

extension Failure.Kind: ExpressibleByArgument {}

extension Failure.Advice {
    /// For people.
    var sentence: String {
        switch self {
        case .retry: "asked again later"
        case .fallBack: "the next model is asked"
        case .giveUp: "asking again would not help"
        }
    }

    /// For a script.
    var word: String {
        switch self {
        case .retry: "retry"
        case .fallBack: "fall back"
        case .giveUp: "give up"
        }
    }
}

extension FailureRecord {
    private static let wordsMax = 60

    /// The beginning of the message, in one line; `show` has it whole.
    var firstWords: String {
        let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= Self.wordsMax ? line : line.prefix(Self.wordsMax - 1) + "…"
    }

    var json: JSON {
        [
            "id": .int(id.number), "failed_at": .string(failedAt.iso8601), "kind": .string(kind),
            "advice": .init(Failure.Kind(rawValue: kind)?.advice.word),
            "status": status.map { .int($0) } ?? .null,
            "code": .init(code), "message": .string(message), "model": .string(model.description),
            "batch": .init(batch), "job": .init(jobKey), "session": .int(session.number),
            "estimated_tokens": .int(estimatedTokens), "estimate_method": .string(estimateMethod),
            "messages": .int(messagesCount),
        ]
    }
}

extension FailureCount {
    var json: JSON {
        [
            "kind": .string(kind), "count": .int(count), "last_at": .string(lastAt.iso8601),
            "advice": .init(Failure.Kind(rawValue: kind)?.advice.word),
        ]
    }
}

extension Timestamp {
    /// To the second, UTC: `2026-11-21T14:05:09Z`.
    var second: String { iso8601.prefix(19) + "Z" }
}

extension Workspace {
    /// Reads a moment as the reports do: a date, today, or so long ago.
    func moment(_ text: String?) throws -> Timestamp? {
        do {
            return try ReportPeriod(since: text, until: nil, now: time.now, zone: .local).since
        } catch { throw CommandFailure.usage("\(error)") }
    }
}
