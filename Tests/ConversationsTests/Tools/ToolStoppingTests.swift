import Conversations
import Foundation
import ParleyCore
import Testing

@testable import ConversationStore

@Suite(.timeLimit(.minutes(3))) struct `A tool that is stopped` {
    /// A child of the command that will not be told.
    private static let deaf = "(trap '' TERM; sleep 600 & echo $! > $1/child; wait; wait) &"

    private func expectGone(_ process: Int32?) async throws {
        let process = try #require(process)
        while isAlive(process) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test(arguments: [
        // Hears SIGTERM; its child does not.
        "\(deaf) wait",
        // Neither does.
        "trap '' TERM; \(deaf) wait; wait",
        // Nothing is read from it any more.
        "exec >&- 2>&-; \(deaf) wait",
    ])
    func `After its time is stopped with all that it has started`(script: String) async throws {
        let folder = try ToolFolder()
        let tool = CommandTool.script(script, in: folder)
        let result = try await tool.box(time: folder.time(over: "child")).run(.fixture())
        #expect(result.isError)
        #expect(result.content.hasPrefix("The command was stopped, because it had not ended after 60 s."))
        try await expectGone(folder.process("child"))
    }

    @Test func `What it had written by then is told`() async throws {
        let folder = try ToolFolder()
        let tool = CommandTool.script("echo so far; echo x > $1/begun; exec sleep 600", in: folder)
        let result = try await tool.box(time: folder.time(over: "begun")).run(.fixture())
        #expect(result.content.hasSuffix("Standard output:\nso far\n"), "\(result.content)")
    }

    @Test func `By its caller is gone with all that it has started, and has no result`() async throws {
        let folder = try ToolFolder()
        let box = try CommandTool.script("\(Self.deaf) wait", in: folder).box()
        let running = Task { try await box.run(.fixture()) }
        try await folder.waitFor("child")
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        try await expectGone(folder.process("child"))
    }

    @Test func `Before it has begun is not begun`() async throws {
        let folder = try ToolFolder()
        let box = try CommandTool.script("echo x > $1/begun", in: folder).box()
        let running = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await box.run(.fixture())
        }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        #expect(folder.text(of: "begun") == nil)
    }

    @Test func `One that ends by itself may leave something behind, which nobody waits for`() async throws {
        let folder = try ToolFolder()
        let tool = CommandTool.script("sleep 600 & echo $! > $1/child; echo done", in: folder)
        #expect(try await tool.box().run(.fixture()) == ToolResult(content: "done\n"))
        let child = try #require(folder.process("child"))
        #expect(isAlive(child))
        kill(child, SIGKILL)
    }
}
