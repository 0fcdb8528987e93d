import ArgumentParser
import ConversationStore
import ParleyCore
import UsageReport

/// `parley db`: care for the database.
struct Database: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Care for the database.",
        subcommands: [
            DatabaseMigrate.self, DatabaseCheck.self, DatabaseBackup.self, DatabaseStats.self,
            DatabaseVacuum.self, DatabasePrune.self,
        ])
}

/// `parley db migrate`: brings the schema up to date, which opening does as well.
struct DatabaseMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the database up to date, after a backup beside it; show what was applied.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let applied = try await workspace.withStore(.writing) { try await $0.migrations() }
        if json {
            let list = applied.map { step -> JSON in
                [
                    "name": .string(step.name), "sha256": .string(step.sha256),
                    "applied_at": .string(step.appliedAt.iso8601),
                ]
            }
            return workspace.screen.result(JSON.array(list).text() + "\n")
        }
        workspace.screen.result(
            TextTable(
                columns: ["migration", "applied", "checksum"].map { TextTable.Column($0) },
                rows: applied.map { [$0.name, $0.appliedAt.iso8601, String($0.sha256.prefix(12))] }
            ).text)
        workspace.screen.say("\(workspace.databasePath) is up to date.")
    }
}

/// `parley db check`: integrity, references, and the laws that span tables.
struct DatabaseCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the file, its references, and the laws that span tables.",
        discussion: "Exit status 1 when something is damaged; a note is no damage.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Also compare the search index with every message; others wait meanwhile.")
    var full = false

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        // Comparing the index is the writer's work, but a database that is not there is not made for it.
        if full { try await workspace.withStore(.reading) { _ in } }
        let findings = try await workspace.withStore(full ? .writing : .reading) {
            try await $0.check(full: full)
        }
        let isSound = !findings.contains { $0.severity == .damage }
        if json {
            let object: JSON = ["ok": .bool(isSound), "findings": .array(findings.map(\.json))]
            workspace.screen.result(object.text() + "\n")
        } else {
            for finding in findings { workspace.screen.result(finding.line + "\n") }
            workspace.screen.result("\(workspace.databasePath): \(isSound ? "sound" : "damaged")\n")
        }
        guard isSound else { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}

extension CheckFinding {
    /// The finding in a line.
    var line: String {
        "\(severity.rawValue): \(message)"
            + (examples.isEmpty ? "" : " (\(examples.joined(separator: ", ")))")
    }

    var json: JSON {
        [
            "severity": .string(severity.rawValue), "law": .string(law), "count": .int(count),
            "message": .string(message), "examples": .array(examples.map { .string($0) }),
        ]
    }
}

/// `parley db backup`: a whole copy, while others work.
struct DatabaseBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a whole copy to a new file; others may go on working.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The new file.")
    var file: String

    func run() async throws {
        let workspace = try Workspace(global)
        // Copying is the writer's work, but a database that is not there is not made for it.
        try await workspace.withStore(.reading) { _ in }
        try await workspace.withStore(.writing) { try await $0.backup(to: file) }
        workspace.screen.say("The copy is in \(file).")
    }
}

/// `parley db stats`: how large it is, and what is in it.
struct DatabaseStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Show how large the database is and how much is in it.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let stats = try await workspace.withStore(.reading) { try await $0.stats() }
        if json { return workspace.screen.result(stats.json.text() + "\n") }
        workspace.screen.result(
            TextTable(
                columns: [.init("table"), .init("rows", .right)],
                rows: stats.tables.map { [$0.name, Figures.grouped($0.rows)] }
            ).text)
        workspace.screen.result(
            "\(stats.path): \(Figures.bytes(stats.fileBytes)), \(Figures.bytes(stats.logBytes)) of log beside it, "
                + "\(Figures.bytes(stats.freeBytes)) to be had back by a vacuum\n"
                + "the search index has \(Figures.count(stats.indexedMessages, "message"))\n")
    }
}

extension StoreStats {
    var json: JSON {
        [
            "path": .string(path), "identity": .string(identity), "file_bytes": .int(fileBytes),
            "log_bytes": .int(logBytes), "free_bytes": .int(freeBytes),
            "indexed_messages": .int(indexedMessages),
            "tables": .array(tables.map { ["name": .string($0.name), "rows": .int($0.rows)] }),
        ]
    }
}

/// `parley db vacuum`: gives unused space back.
struct DatabaseVacuum: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum",
        abstract: "Give unused space back to the disk; needs as much again while it works.",
        discussion:
            "The search index becomes one part. One that is not right is emptied, and the next search makes it anew."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace(global)
        let (before, after) = try await workspace.withStore(.writing) { store in
            let before = try await store.stats().fileBytes
            try await store.vacuum()
            return (before, try await store.stats().fileBytes)
        }
        workspace.screen.say(
            "\(workspace.databasePath): \(Figures.bytes(before)) before, \(Figures.bytes(after)) now.")
    }
}
