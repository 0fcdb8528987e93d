import Foundation

/// The tool `llm` in two versions, which writes databases for the tests: a program that is not ours.
///
/// `scripts/install-llm` puts it into the cache. Where the Python package index cannot be reached the tests are skipped, but
/// never in CI.
struct LLMTool {
    enum Version: Int, CaseIterable, Sendable { case responses, threads }

    struct Failure: Error { let reason: String }

    /// Where its databases stand.
    let folder: URL
    var database: String { folder.appending(path: "logs.db").path }

    static var isInstalled: Bool {
        get async throws { try await installation.value != nil }
    }

    private static let installation = Task { () throws -> [String]? in
        let script = root.appending(path: "scripts/install-llm")
        let (status, output) = try run(script.path, [], in: root, [:])
        if status == 0 { return output.split(whereSeparator: \.isWhitespace).map { String($0) } }
        if status == 69, ProcessInfo.processInfo.environment["CI"] != "true" { return nil }
        throw Failure(reason: "scripts/install-llm ended with \(status): \(output)")
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-llm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    @discardableResult
    func callAsFunction(_ version: Version, _ arguments: String...) async throws -> String {
        guard let homes = try await Self.installation.value else {
            throw Failure(reason: "llm is not installed")
        }
        let (status, output) = try Self.run(
            homes[version.rawValue] + "/bin/llm", arguments, in: folder, ["LLM_USER_PATH": folder.path])
        guard status == 0 else { throw Failure(reason: "llm \(arguments) ended with \(status): \(output)") }
        return output
    }

    private static func run(
        _ command: String, _ arguments: [String], in folder: URL, _ more: [String: String]
    ) throws -> (Int32, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(more) { _, new in new }
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
