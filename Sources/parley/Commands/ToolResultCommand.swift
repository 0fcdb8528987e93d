import ArgumentParser
import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore

/// `parley tool-result`: the answer to a tool call that nobody here could run.
struct ToolResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool-result", abstract: "Answer an open tool call of a conversation.",
        discussion:
            "The result is the text of --content, of a file, or of standard input. What is still open and how to go on is "
            + "said after it.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The call: its number, or the id that the provider gave it.")
    var call: String

    @Argument(help: ArgumentHelp("- for standard input.", valueName: "-"))
    var source: String?

    @Option(help: ArgumentHelp("The result.", valueName: "text"))
    var content: String?

    @Option(help: ArgumentHelp("A file that holds it, in UTF-8; - is standard input.", valueName: "file"))
    var file: String?

    @Flag(name: .customLong("error"), help: "The tool failed; the text says how.")
    var isError = false

    @Flag(name: .customLong("protect"), help: "Keep it when a long history is compressed.")
    var isProtected = false

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard source == nil || source == "-" else {
            throw ValidationError(
                "'\(source ?? "")' is too much: the result is given with --content or --file")
        }
        guard [source, content, file].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("the result is given once: with --content, with --file, or with -")
        }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let text = try ResultText.read(content: content, file: file ?? source)
        let outcome = try await workspace.withStore(.writing) { store in
            let call = try await CallSearch(store: store).find(self.call)
            let isKept = workspace.config.tools.contains { $0.name == call.call.name && $0.isProtected }
            let result = ToolResult(
                content: text, isError: isError, isProtected: isProtected || isKept)
            guard try await store.answer(call, with: result) else { throw CallSearch.isAnswered(call) }
            return (call: call, open: try await store.openCalls(of: call.session))
        }
        let next = "parley resume \(outcome.call.session)"
        if json {
            let object: JSON = [
                "call": .int(outcome.call.id.number), "id": .string(outcome.call.call.id),
                "name": .string(outcome.call.call.name), "session": .int(outcome.call.session.number),
                "is_error": .bool(isError), "open": .array(outcome.open.map(CallSearch.json)),
                "next": .string(next),
            ]
            return workspace.screen.result(object.text() + "\n")
        }
        let name = outcome.call.call.name.showingControls
        workspace.screen.say(
            "Call \(outcome.call.id) (\(name)) of session \(outcome.call.session) is answered.")
        guard outcome.open.isEmpty else {
            let open = CallSearch.list(outcome.open)
            return workspace.screen.say("Still open: \(open). When they are answered, too: `\(next)`.")
        }
        workspace.screen.say("Nothing is open there; go on with `\(next)`.")
    }
}
