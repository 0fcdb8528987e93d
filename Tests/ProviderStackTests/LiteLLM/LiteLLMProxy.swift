import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// Starts a LiteLLM proxy for the tests of a suite and stops it after them: a server that is not ours.
///
/// `scripts/install-litellm` puts it into the cache. Where the Python package index cannot be reached the suite is skipped,
/// but never in CI.
struct LiteLLMProxy: SuiteTrait, TestScoping {
    static let key = "sk-parley-test"
    @TaskLocal static var url = ""

    static var isInstalled: Bool {
        get async throws { try await installation.value != nil }
    }

    /// The path of the command; nil when the index could not be reached and this is not CI.
    private static let installation = Task { () throws -> String? in
        let (status, output) = try await run(root.appendingPathComponent("scripts/install-litellm"), [])
        if status == 0 { return output.trimmingCharacters(in: .whitespacesAndNewlines) }
        if status == 69, ProcessInfo.processInfo.environment["CI"] != "true" { return nil }
        throw StartFailure(reason: "scripts/install-litellm ended with \(status): \(output)")
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    struct StartFailure: Error { let reason: String }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard let command = try await Self.installation.value else { return }
        let port = try await freePort()
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("parley-litellm-\(port).log")
        let process = try Self.start(command, port: port, log: log)
        defer {
            process.terminate()
            process.waitUntilExit()
            try? FileManager.default.removeItem(at: log)
        }
        try await Self.waitUntilReady(port: port, process: process, log: log)
        try await Self.$url.withValue("http://127.0.0.1:\(port)") { try await function() }
    }

    private static func start(_ command: String, port: Int, log: URL) throws -> Process {
        let folder = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/litellm")
        let process = Process()
        // A test run that is killed must not leave it behind for ever; and a process that is started from a worker thread
        // inherits that thread's mask, in which the very signal that is to end it is blocked.
        process.executableURL = URL(filePath: command).deletingLastPathComponent().appendingPathComponent(
            "python3")
        process.arguments = [
            "-c",
            "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execvp(sys.argv[1], sys.argv[1:])",
            "timeout", "--kill-after=5", "600", command, "--config",
            folder.appendingPathComponent("config.yaml").path,
            "--host",
            "127.0.0.1", "--port", String(port),
        ]
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(quiet) { _, new in new }
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Nothing is fetched and nothing is reported.
    private static let quiet = [
        "LITELLM_TELEMETRY": "False", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True", "LITELLM_LOCAL_BLOG_POSTS": "True",
        "LITELLM_LOCAL_POLICY_TEMPLATES": "True", "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
        "DISABLE_TELEMETRY": "1", "PYTHONDONTWRITEBYTECODE": "1",
    ]

    private static func waitUntilReady(port: Int, process: Process, log: URL) async throws {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/health/readiness")
        for _ in 0..<600 {
            if let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(2)),
                response.status == .ok
            {
                return
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(200))
        }
        let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        throw StartFailure(reason: "LiteLLM did not start: \(said.suffix(2000))")
    }

    private static func run(_ command: URL, _ arguments: [String]) async throws -> (Int32, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = command
        process.arguments = arguments
        process.standardOutput = output
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        return (status, String(decoding: said, as: UTF8.self))
    }
}
