public import ConversationStore
public import ParleyCore

/// What is done about a tool call: the only table that decides it.
public enum ToolPolicy {
    public enum Verdict: Sendable, Hashable {
        case run
        /// A person is asked first.
        case ask
        /// Nobody here can run it, or may; it waits for its result.
        case wait
        /// The model is told why it was not run.
        case refuse(String)
    }

    /// - Parameters:
    ///   - tool: the tool of that name; nil where there is none.
    ///   - known: the names of all tools, for the sentence about an unknown one; empty = there are no tools here at all.
    ///   - violations: how the arguments break the schema of the tool.
    ///   - canAsk: somebody is there who can be asked.
    public static func verdict(
        on call: StoredCall, tool: CommandTool?, known: [String], violations: [JSONSchema.Violation],
        canAsk: Bool
    ) -> Verdict {
        let mayHaveRun = call.startedAt != nil
        guard let tool else {
            return known.isEmpty || mayHaveRun ? .wait : .refuse(unknown(call.call.name, known))
        }
        if call.call.arguments.object == nil { return .refuse(unreadable) }
        // Whatever may have had its effect is never run again without a person's word.
        if mayHaveRun { return canAsk && !tool.command.isEmpty ? .ask : .wait }
        if !violations.isEmpty { return .refuse(sentence(on: violations)) }
        if tool.command.isEmpty { return .wait }
        if tool.needsConfirmation { return canAsk ? .ask : .wait }
        return .run
    }

    private static let unreadable =
        "The arguments are not a JSON object, so nothing was run. Call the tool again with valid JSON."

    private static func unknown(_ name: String, _ known: [String]) -> String {
        "There is no tool of this name, so nothing was run. The tools are: \(known.joined(separator: ", "))."
    }

    private static func sentence(on violations: [JSONSchema.Violation]) -> String {
        "The arguments do not follow the schema of the tool, so nothing was run:\n"
            + violations.map { "- \($0)" }.joined(separator: "\n")
    }
}
