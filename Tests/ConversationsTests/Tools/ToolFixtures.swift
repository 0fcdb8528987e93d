import Conversations
import Foundation
import OrderedCollections
import ParleyCore

@testable import ConversationStore

extension StoredCall {
    static func fixture(
        _ name: String = "tool", arguments: JSONObject = [:], startedAt: Timestamp? = nil
    ) -> StoredCall {
        StoredCall(
            id: ToolCallID(7), session: SessionID(3),
            call: ToolCall(id: "call_7", name: name, arguments: .parsed(arguments)), state: .pending,
            result: nil, isError: false, startedAt: startedAt)
    }

    static func broken(_ raw: String) -> StoredCall {
        var call = fixture()
        call.call.arguments = .invalid(raw: raw)
        call.state = .invalid
        return call
    }
}

extension CommandTool {
    static func fixture(
        _ command: [String] = ["true"], name: String = "tool",
        parameters: JSON = ["type": "object"], timeout: Duration = .seconds(60), confirms: Bool = false,
        environment: [String] = [], outputBytesMax: Int = outputBytesDefault
    ) -> CommandTool {
        CommandTool(
            ToolDefinition(name: name, summary: "A tool.", parameters: parameters), command: command,
            timeout: timeout, needsConfirmation: confirms, environment: environment,
            outputBytesMax: outputBytesMax)
    }

    /// A script of the test's own, with a folder of its own as `$1`.
    static func script(_ text: String, in folder: ToolFolder? = nil, outputBytesMax: Int = outputBytesDefault)
        -> CommandTool
    {
        fixture(["sh", "-c", text, "sh"] + (folder.map { [$0.path] } ?? []), outputBytesMax: outputBytesMax)
    }

    func box(
        environment: [String: String] = ["PATH": "/usr/bin:/bin"], time: TimeSource = .system
    ) throws -> CommandToolBox {
        try CommandToolBox(
            [self], environment: environment, time: time, stopGrace: .milliseconds(50))
    }

    /// Runs it with these arguments.
    func result(_ arguments: JSONObject = [:]) async throws -> ToolResult {
        try await box().run(.fixture(arguments: arguments))
    }
}

/// A folder that a test and a tool share.
final class ToolFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "parley-tool-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(of name: String) -> String? {
        try? String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    /// Waits until the tool has written that file.
    func waitFor(_ name: String) async throws {
        while text(of: name)?.hasSuffix("\n") != true {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// The process whose number stands in that file.
    func process(_ name: String) -> Int32? { text(of: name).flatMap { Int32($0.trimmed) } }

    /// A clock by which every time limit is over as soon as that file is there.
    func time(over name: String) -> TimeSource {
        TimeSource(now: { Timestamp(milliseconds: 0) }, sleep: { _ in try await self.waitFor(name) })
    }
}

/// Whether a process runs; one that nobody has buried yet does not.
func isAlive(_ process: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
        return false
    }
    return stat.split(separator: ")").last?.trimmed.first != "Z"
}
