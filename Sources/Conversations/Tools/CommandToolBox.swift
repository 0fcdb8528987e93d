public import ConversationStore
import OrderedCollections
public import ParleyCore

/// Runs the calls of models as commands on this machine.
///
/// Whether a call is run is decided by ``ToolPolicy``. Whoever has a terminal gives ``Confirm``; without it whatever needs to be
/// confirmed waits.
public struct CommandToolBox: ToolBox {
    /// Asks a person about a call. A call whose ``StoredCall/startedAt`` is set may have had its effect already.
    public typealias Confirm = @Sendable (StoredCall, CommandTool) async -> ToolDecision

    /// How long a command that is stopped may take to end by itself.
    public static let stopGraceDefault = Duration.seconds(2)

    private let tools: OrderedDictionary<String, CommandTool>
    private let schemas: [String: JSONSchema]
    private let environment: [String: String]
    private let stopGrace: Duration
    private let time: TimeSource
    private let confirm: Confirm?

    /// - Parameters:
    ///   - tools: of two with one name the first counts.
    ///   - environment: what this process was started with; commands get what ``ToolEnvironment`` leaves of it.
    ///   - time: limits the runs.
    ///   - confirm: nil = there is nobody to ask.
    public init(
        _ tools: [CommandTool], environment: [String: String], time: TimeSource = .system,
        stopGrace: Duration = stopGraceDefault, confirm: Confirm? = nil
    ) throws(JSONSchemaError) {
        var schemas: [String: JSONSchema] = [:]
        for tool in tools where schemas[tool.name] == nil {
            schemas[tool.name] = try JSONSchema(tool.definition.parameters)
        }
        self.tools = OrderedDictionary(tools.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.schemas = schemas
        self.environment = environment
        self.stopGrace = stopGrace
        self.time = time
        self.confirm = confirm
    }

    public var definitions: [ToolDefinition] { tools.values.map(\.definition) }

    public func decide(on call: StoredCall) async -> ToolDecision {
        let tool = tools[call.call.name]
        let verdict = ToolPolicy.verdict(
            on: call, tool: tool, known: Array(tools.keys), violations: violations(of: call),
            canAsk: confirm != nil)
        switch verdict {
        case .run: return .run
        case .wait: return .wait
        case .refuse(let reason): return .refuse(reason)
        case .ask:
            guard let tool, let confirm else { return .wait }
            return await confirm(call, tool)
        }
    }

    public func run(_ call: StoredCall) async throws(CancellationError) -> ToolResult {
        guard let tool = tools[call.call.name], let program = tool.command.first,
            let arguments = call.call.arguments.object, violations(of: call).isEmpty
        else { return .error("This call cannot be run; nothing was.") }
        let variables = ToolEnvironment.variables(from: environment, adding: tool.environment)
        guard let executable = ExecutableSearch.find(program, path: variables["PATH"]) else {
            return .error("The command '\(program)' was not found on this machine; nothing was run.")
        }
        let process = ToolProcess(
            executable: executable, words: Array(tool.command.dropFirst()), environment: variables,
            timeout: tool.timeout, grace: stopGrace, outputBytesMax: tool.outputBytesMax, time: time)
        let input = JSON.object(arguments).text(sortsKeys: true) + "\n"
        return try await process.run(input: Array(input.utf8)).result(isProtected: tool.isProtected)
    }

    private func violations(of call: StoredCall) -> [JSONSchema.Violation] {
        guard let schema = schemas[call.call.name], let arguments = call.call.arguments.object else {
            return []
        }
        return schema.violations(in: .object(arguments))
    }
}
