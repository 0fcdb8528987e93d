import ArgumentParser
import ConversationStore
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley status`: how far the batches are.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how far the batches are, what they cost, and how much came from a cache.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "One batch; without it, all.")
    var batch: String?

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let statuses = try await workspace.withStore(.reading) { store in
            let name = try await batch.asyncMap { try await store.requireBatch(named: $0).name }
            return try await store.status(of: name.map { [$0] })
        }
        if json {
            workspace.screen.result(JSON.array(statuses.map(\.json)).text() + "\n")
        } else if statuses.isEmpty {
            workspace.screen.say("There is no batch yet; `parley run FILE` makes one.")
        } else {
            workspace.screen.result(Self.table(statuses).text)
        }
    }

    static func table(_ statuses: [BatchStatus]) -> TextTable {
        let money = MoneyText(for: statuses.map(\.cost))
        let hasUnknown = statuses.contains { $0[.unknown] > 0 }
        var columns = [TextTable.Column("batch"), .init("state")]
        columns += ["jobs", "done", "failed", "running", "waiting"].map { .init($0, .right) }
        if hasUnknown { columns.append(.init("unknown", .right)) }
        columns += ["cached", "cost"].map { .init($0, .right) }
        let rows = statuses.map { status in
            let counts = [
                status.batch.jobs, status[.done], status[.failed], status[.leased] + status[.sent],
                status[.waiting],
            ]
            return [status.batch.name, status.stateWord]
                + (counts + (hasUnknown ? [status[.unknown]] : [])).map(Figures.grouped)
                + [
                    Figures.percent(status.usage.cacheRead, of: status.usage.inputTotal),
                    status.billed.costText(money),
                ]
        }
        return TextTable(columns: columns, rows: rows)
    }
}

extension BatchStatus {
    var billed: BilledUsage {
        BilledUsage(
            requests: requests, failures: failures, usage: usage, cost: cost, unpriced: unpricedRequests)
    }

    /// The batch's state; an open one without anything left to do is finished.
    var stateWord: String {
        if batch.prunedAt != nil { return "pruned" }
        guard batch.state == .open else { return batch.state.rawValue }
        return JobState.allCases.allSatisfy { $0.isFinal || self[$0] == 0 } ? "finished" : "open"
    }

    /// The shape of `status --json`.
    var json: JSON {
        var object: JSONObject = [
            "batch": .string(batch.name), "state": .string(stateWord), "jobs": .int(batch.jobs),
        ]
        for state in JobState.allCases { object[state.rawValue] = .int(self[state]) }
        object["asked_again"] = .int(askedAgain)
        return .object(object.merging(billed.json) { own, _ in own })
    }
}

extension Optional {
    /// Like `map`, for a transformation that waits.
    func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
