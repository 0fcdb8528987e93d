import ConversationStore
import Conversations
import ParleyCore
import Synchronization

/// Asks a person whether tools may be run.
final class Confirmer: Sendable {
    private let screen: Screen
    private let reader: any LineReader
    /// Tools that may always be run, by the conversation in which that was said.
    private let always = Mutex<Set<Permission>>([])

    private struct Permission: Hashable {
        var session: SessionID
        var tool: String
    }

    init(screen: Screen, reader: any LineReader) {
        self.screen = screen
        self.reader = reader
    }

    /// What is to become of a call. What cannot be understood is asked again; the end of the input leaves the call open.
    func decide(on call: StoredCall, _ tool: CommandTool) async -> ToolDecision {
        let permission = Permission(session: call.session, tool: tool.name)
        if call.startedAt == nil, always.withLock({ $0.contains(permission) }) { return .run }
        screen.clearPanel()
        screen.tell(ToolQuestion.text(call, tool: tool, width: screen.terminal.width))
        while true {
            guard case .line(let line) = await reader.read(prompt: "run it? ") else { return .wait }
            switch ToolAnswer(parsing: line) {
            case nil: screen.tell(ToolAnswer.choices)
            case .always:
                always.withLock { _ = $0.insert(permission) }
                return .run
            case .explain(nil):
                guard case .line(let reason) = await reader.read(prompt: "why not? ") else { return .wait }
                return ToolAnswer.explain(reason).decision
            case let answer?: return answer.decision
            }
        }
    }
}
