import Foundation
import ParleyCore
import Testing

/// The built program in a home of its own: an empty folder, no settings, nothing of the environment of whoever tests.
final class ParleyProgram: Sendable {
    let home: URL
    private let environment: [String: String]

    /// The program stands beside the bundle of the tests.
    private static let binary = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "parley")

    init(_ environment: [String: String] = [:]) throws {
        home = FileManager.default.temporaryDirectory.appending(path: "parley-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        var own = [
            "HOME": home.path, "PATH": "/usr/bin:/bin", "TZ": "UTC", "PARLEY_SIMULATE_LATENCY_MS": "1",
        ]
        own.merge(environment) { _, new in new }
        self.environment = own
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    /// A file in the home, made with that text.
    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: home.appending(path: name))
        return name
    }

    func text(of name: String) throws -> String {
        try String(contentsOf: home.appending(path: name), encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: home.appending(path: name).path)
    }

    /// Runs a command, written as one would type it, to its end.
    func callAsFunction(_ command: String, _ more: String..., input: String? = nil) async throws -> Outcome {
        try await start(command.split(separator: " ").map { String($0) } + more, input: input).outcome()
    }

    /// Where the program stands.
    var path: String { Self.binary.path }

    /// Starts a command and goes on.
    func start(_ arguments: [String], input: String? = nil) throws -> RunningProgram {
        try RunningProgram(
            Self.binary.path, arguments, environment: environment, folder: home, input: input)
    }

    /// Starts another program in this home and with this environment: one that starts the program in turn.
    func start(_ arguments: [String], program: String, before words: [String]) throws -> RunningProgram {
        try RunningProgram(program, words + arguments, environment: environment, folder: home, input: nil)
    }
}

/// What a program came to.
struct Outcome: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// The output as one JSON value.
    var json: JSON { get throws { try JSON(parsing: output) } }

    /// The output as JSON lines.
    var lines: [JSON] {
        get throws { try output.split(separator: "\n").map { try JSON(parsing: String($0)) } }
    }
}

extension ParleyProgram {
    /// Questions of arithmetic, whose answers can be checked.
    @discardableResult
    func questions(_ count: Int, in name: String = "questions.csv") throws -> String {
        let rows = (1...count).map { "q\($0),\"What is \($0) + 1?\"\n" }.joined()
        return try file(name, "id,prompt\n" + rows)
    }

    /// What `status --json` says of the batch; null while there is none.
    func state(of batch: String = "questions") async throws -> JSON {
        let outcome = try await self("status \(batch) --json")
        return try outcome.status == 0 ? outcome.json.arrayValue?.first ?? .null : .null
    }

    /// How many jobs are done, by the program's own word.
    func done(of batch: String = "questions") async throws -> Int {
        try await state(of: batch)["done"]?.intValue ?? 0
    }

    /// Asks for the status until so many jobs are done.
    func waitUntil(done count: Int, running program: RunningProgram) async throws {
        while try await done() < count {
            try Task.checkCancellation()
            try #require(!program.hasEnded, "the run ended before its time")
        }
    }

    /// A simulator on a free port; gives the program and its base URL.
    func simulator(_ options: String...) async throws -> (program: RunningProgram, url: String) {
        let program = try start(["simulate", "--port", "0", "--latency-ms", "1"] + options)
        while true {
            if let match = program.output.firstMatch(of: #/export SIMULATOR_BASE_URL=(\S+)/#) {
                return (program, String(match.output.1))
            }
            try Task.checkCancellation()
            try #require(!program.hasEnded, "the simulator did not start")
            await Task.yield()
        }
    }
}
