import Foundation
import GRDB
import ParleyCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct `Bad places` {
    @Test func `Without a key nothing is enqueued, and the sentence names the variable`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(2)
        let outcome = try await parley("run questions.csv -m openai/gpt-5.4-mini")
        #expect(outcome.status == 3)
        #expect(outcome.errors.contains("OPENAI_API_KEY"))
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(!parley.exists(".local/share/parley/parley.db"))
    }

    @Test func `A key that is refused stops the run and fails no job`() async throws {
        let home = try ParleyProgram()
        let (server, url) = try await home.simulator("--key", "right")
        let parley = try ParleyProgram(["OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-wrong-secret"])
        try parley.questions(5)
        let outcome = try await parley("run questions.csv -m openai/gpt-5.4-mini --json")
        #expect(outcome.status == 3)
        #expect(try outcome.json["stopped"] == "providers")
        #expect(try outcome.json["failed"] == 0)
        #expect(try outcome.json["waiting"] == 5)
        #expect(outcome.errors.contains("401"))
        #expect(!outcome.errors.contains("wrong-secret"))
        server.signal(SIGTERM)
        _ = try await server.outcome()
    }

    @Test func `A port on which nobody listens stops the run before anything is sent`() async throws {
        let parley = try ParleyProgram(["OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": "k"])
        try parley.questions(5)
        let outcome = try await parley("run questions.csv -m openai/gpt-5.4-mini --json")
        #expect(outcome.status == 3)
        #expect(try outcome.json["stopped"] == "providers")
        #expect(try outcome.json["requests"] == 0)
        #expect(try outcome.json["waiting"] == 5)
        #expect(outcome.errors.contains("127.0.0.1:1"))
        #expect(outcome.errors.contains("parley run questions"))
    }

    @Test func `A file that is no database is refused and left as it is`() async throws {
        let parley = try ParleyProgram()
        let text = "These are my notes, and no database at all.\n"
        try parley.file("notes.txt", text)
        try parley.questions(1)
        for command in ["enqueue questions.csv -m simulator/sim-small", "status", "db check", "report"] {
            let outcome = try await parley("\(command) -d notes.txt")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("notes.txt is not a database"))
        }
        #expect(try parley.text(of: "notes.txt") == text)
    }

    @Test func `A database that is not there is not made by asking for a report`() async throws {
        let parley = try ParleyProgram()
        for command in ["status", "report", "results questions", "db check", "db stats"] {
            let outcome = try await parley("\(command) -d none.db")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("there is no database at none.db"))
        }
        #expect(!parley.exists("none.db"))
    }

    @Test func `A database of a newer parley is refused`() async throws {
        let parley = try ParleyProgram()
        try parley.questions(1)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small -d future.db")
        let queue = try DatabaseQueue(path: parley.home.appending(path: "future.db").path)
        try await queue.write { database in
            try database.execute(
                sql:
                    "INSERT INTO schema_migrations SELECT '9999-future', sha256, applied_at FROM schema_migrations LIMIT 1"
            )
        }
        try queue.close()
        for command in ["enqueue questions.csv -m simulator/sim-small", "status", "run"] {
            let outcome = try await parley("\(command) -d future.db")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("written by a newer parley"), "\(outcome.errors)")
        }
    }

    @Test(.enabled(if: Mount.isAllowed, "needs root, to mount a small file system"))
    func `A disk that is full is said, and what was stored stays`() async throws {
        let parley = try ParleyProgram()
        let disk = try Mount(at: parley.home.appending(path: "disk"), options: "size=600k")
        try parley.questions(1, in: "few.csv")
        try parley.questions(20_000, in: "many.csv")
        #expect(try await parley("enqueue few.csv -m simulator/sim-small -d disk/p.db").status == 0)
        let outcome = try await parley("enqueue many.csv -m simulator/sim-small -d disk/p.db")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("is full"), "\(outcome.errors)")
        #expect(
            try await parley("status -d disk/p.db --json").json.arrayValue?.map { $0["batch"] } == ["few"])
        let results = try await parley("results few --partial -d disk/p.db --output disk/p.db-wal/x.csv")
        #expect(results.status == 1)
        disk.unmount()
    }

    @Test(.enabled(if: Mount.isAllowed, "needs root, to mount a read-only file system"))
    func `A database that cannot be written is said`() async throws {
        let parley = try ParleyProgram()
        let disk = try Mount(at: parley.home.appending(path: "disk"), options: "size=4m")
        try parley.questions(2)
        _ = try await parley("enqueue questions.csv -m simulator/sim-small -d disk/p.db")
        try disk.makeReadOnly()
        for command in ["enqueue questions.csv -m simulator/sim-small", "run questions", "cancel questions"] {
            let outcome = try await parley("\(command) -d disk/p.db")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("cannot be written to"), "\(outcome.errors)")
        }
        disk.unmount()
    }
}

/// A small file system in memory.
struct Mount {
    let folder: URL

    static let isAllowed = geteuid() == 0

    init(at folder: URL, options: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Self.call("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path])
    }

    func makeReadOnly() throws { try Self.call("mount", ["-o", "remount,ro", folder.path]) }

    func unmount() { try? Self.call("umount", ["-l", folder.path]) }

    private static func call(_ tool: String, _ arguments: [String]) throws {
        let process = try Process.run(URL(filePath: "/usr/bin/env"), arguments: [tool] + arguments)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(tool) failed")
    }
}
