import ArgumentParser
import Conversations
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley tools`: what models may ask for in conversations.
struct Tools: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What models may ask for in conversations: list.", subcommands: [ToolsList.self])
}

/// `parley tools list`: the tools of the settings, and whether their programs are there.
struct ToolsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tools of the settings, their commands, and whether those are found.",
        discussion:
            "Nothing is run. A tool without a command waits for `parley tool-result`; one that is confirmed asks before each run."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let tools = workspace.config.tools.map { Listing($0, path: workspace.environment["PATH"]) }
        if json { return workspace.screen.result(JSON.array(tools.map(\.json)).text() + "\n") }
        guard !tools.isEmpty else {
            return workspace.screen.say("There are no tools; they stand under `tools:` in the settings.")
        }
        let table = TextTable(
            columns: ["tool", "command", "found", "confirm", "timeout", "for"].map { TextTable.Column($0) },
            rows: tools.map { listing in
                let tool = listing.tool
                return [
                    tool.name, tool.command.joined(separator: " ").showingControls, listing.foundText,
                    tool.needsConfirmation ? "yes" : "no",
                    tool.command.isEmpty ? "" : "\(listing.seconds.text()) s",
                    tool.definition.summary.showingControls,
                ]
            })
        workspace.screen.result(table.text)
        for listing in tools where listing.isMissing {
            workspace.screen.say(
                "'\(listing.tool.command[0])' is not found; the calls of \(listing.tool.name) would fail.")
        }
    }

    struct Listing {
        let tool: CommandTool
        let executable: String?

        init(_ tool: CommandTool, path: String?) {
            self.tool = tool
            executable = tool.command.first.flatMap { ExecutableSearch.find($0, path: path) }
        }

        var isMissing: Bool { !tool.command.isEmpty && executable == nil }
        var foundText: String { tool.command.isEmpty ? "waits" : executable == nil ? "no" : "yes" }
        var seconds: JSON { .double(tool.timeout.seconds) }

        var json: JSON {
            [
                "name": .string(tool.name), "summary": .string(tool.definition.summary),
                "parameters": tool.definition.parameters,
                "command": tool.command.isEmpty ? nil : .array(tool.command.map { .string($0) }),
                "executable": .init(executable), "confirm": .bool(tool.needsConfirmation),
                "timeout_seconds": seconds, "protected": .bool(tool.isProtected),
                "environment": .array(tool.environment.map { .string($0) }),
                "output_bytes": .int(tool.outputBytesMax),
            ]
        }
    }
}
