import ArgumentParser
import OrderedCollections
import ParleyCore

/// Which conversation is led, by whom, and how.
struct ChatOptions: ParsableArguments {
    @Flag(name: [.customShort("c"), .customLong("continue")], help: "Go on with the last conversation.")
    var continues = false

    @Option(help: ArgumentHelp("Go on with this conversation.", valueName: "id"))
    var session: Int64?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Who answers, written provider/model.", valueName: "model"),
        transform: ModelName.given)
    var model: ModelName?

    @Option(help: ArgumentHelp("A role of the settings: its model, limits and fallbacks.", valueName: "role"))
    var role: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The system prompt.", valueName: "text"))
    var system: String?

    @Option(
        help: ArgumentHelp("Asked when the model will not do; may be repeated.", valueName: "model"),
        transform: ModelName.given)
    var fallback: [ModelName] = []

    @Option(help: ArgumentHelp("The most tokens of an answer.", valueName: "n"))
    var maxTokens: Int?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Added to every request: -o temperature 0; may be repeated.", valueName: "key value"))
    var option: [RequestOption] = []

    @Option(help: ArgumentHelp("A JSON Schema that every answer is to fulfil.", valueName: "file"))
    var schema: String?

    @Option(
        name: .customLong("tool"),
        help: ArgumentHelp(
            "Offers only this tool of the settings; may be repeated (default: all of them).",
            valueName: "name"))
    var tool: [String] = []

    @Flag(help: "Offers no tools.")
    var noTools = false

    @Flag(help: "Show an answer when it is whole.")
    var noStream = false

    func validate() throws {
        if model != nil, role != nil { throw ValidationError("--model and --role exclude each other") }
        if continues, session != nil { throw ValidationError("--continue and --session exclude each other") }
        if noTools, !tool.isEmpty { throw ValidationError("--tool and --no-tools exclude each other") }
        if let maxTokens, maxTokens < 1 {
            throw ValidationError("--max-tokens is \(maxTokens), but must be at least 1")
        }
    }

    /// The members that are added to every request.
    var requestOptions: JSONObject {
        JSONObject(option.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    /// The tools that were chosen; nil where nothing was said.
    var chosenTools: [String]? { noTools ? [] : tool.isEmpty ? nil : tool }
}
