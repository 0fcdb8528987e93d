import ArgumentParser
import BatchExecutor
import OrderedCollections
import ParleyCore
import UsageReport

/// `parley prompts`: the prompts that have a name.
struct Prompts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prompts by name: list, show.", subcommands: [PromptsList.self, PromptsShow.self])
}

/// `parley prompts list`: those that parley comes with and those of the settings.
struct PromptsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the prompts that -p @name can take, and their variables.",
        discussion:
            "A variable is filled by the column of its name; there is no other way to give it a value.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let prompts = workspace.config.promptLibrary.all
        if json { return workspace.screen.result(JSON.array(prompts.map(\.listing)).text() + "\n") }
        let table = TextTable(
            columns: ["prompt", "variables", "from", "for"].map { TextTable.Column($0) },
            rows: prompts.map { prompt in
                [
                    "@\(prompt.name)", prompt.variables.joined(separator: ", "), prompt.origin.rawValue,
                    prompt.summary,
                ]
            })
        workspace.screen.result(table.text)
        workspace.screen.say("`parley run FILE -p @name` takes one; its variables are columns of the file.")
    }
}

/// `parley prompts show`: one prompt whole.
struct PromptsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a prompt, its system prompt and its variables.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Its name, with or without the @.")
    var name: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let prompt: NamedPrompt
        do throws(PromptLibraryError) {
            prompt = try workspace.config.promptLibrary.prompt(named: name)
        } catch {
            throw CommandFailure(error.description)
        }
        if json { return workspace.screen.result(prompt.json.text() + "\n") }
        var text = "prompt     @\(prompt.name), \(prompt.origin.rawValue)\n"
        if !prompt.summary.isEmpty { text += "for        \(prompt.summary)\n" }
        text += "variables  \(prompt.variables.isEmpty ? "none" : prompt.variables.joined(separator: ", "))\n"
        if let system = prompt.system { text += "\nsystem\n\(system)\n" }
        workspace.screen.result(text + "\nprompt\n\(prompt.prompt)\n")
    }
}

extension NamedPrompt {
    fileprivate var listing: JSON {
        [
            "name": .string(name), "from": .string(origin.rawValue), "for": .string(summary),
            "variables": .array(variables.map { .string($0) }),
        ]
    }

    fileprivate var json: JSON {
        guard var object = listing.objectValue else { return .null }
        object["system"] = .init(system)
        object["prompt"] = .string(prompt)
        return .object(object)
    }
}
