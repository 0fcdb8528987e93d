import Foundation
import ParleyCore
import Synchronization
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

    /// Starts a command and goes on.
    func start(_ arguments: [String], input: String? = nil) throws -> RunningProgram {
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = home
        return try RunningProgram(process, folder: home, input: input)
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

/// A program that is at work. What it writes goes into files, so that no pipe fills up.
final class RunningProgram: Sendable {
    private let process: Mutex<Process>
    private let outputFile: URL
    private let errorFile: URL
    private let ended: AsyncStream<Int32>
    let identifier: Int32

    init(_ process: Process, folder: URL, input: String?) throws {
        let name = UUID().uuidString
        outputFile = folder.appending(path: ".\(name).out")
        errorFile = folder.appending(path: ".\(name).err")
        for file in [outputFile, errorFile] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: errorFile)
        if let input {
            let inputFile = folder.appending(path: ".\(name).in")
            try Data(input.utf8).write(to: inputFile)
            process.standardInput = try FileHandle(forReadingFrom: inputFile)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        let (ended, end) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { process in
            end.yield(
                process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
            end.finish()
        }
        try process.run()
        identifier = process.processIdentifier
        self.ended = ended
        self.process = Mutex(process)
    }

    /// Waits for the end.
    func outcome() async throws -> Outcome {
        var status: Int32?
        for await word in ended { status = word }
        return Outcome(
            status: try #require(status), output: try String(contentsOf: outputFile, encoding: .utf8),
            errors: try String(contentsOf: errorFile, encoding: .utf8))
    }

    /// What it has written so far.
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

    func signal(_ signal: Int32) { kill(identifier, signal) }
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
            try #require(kill(program.identifier, 0) == 0, "the run ended before its time")
        }
    }

    /// A simulator on a free port; gives the program and its base URL.
    func simulator(_ options: String...) async throws -> (program: RunningProgram, url: String) {
        let program = try start(["simulate", "--port", "0", "--latency-ms", "1"] + options)
        while true {
            if let match = program.output.firstMatch(of: #/export SIMULATOR_BASE_URL=(\S+)/#) {
                return (program, String(match.output.1))
            }
            try #require(kill(program.identifier, 0) == 0, "the simulator did not start")
            await Task.yield()
        }
    }
}
