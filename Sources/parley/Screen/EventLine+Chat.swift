import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack

extension EventLine {
    /// The form that docs/events.md describes; nil for what is no event of its own. No text of a conversation is in it.
    init?(_ event: ConversationEvent, at now: Timestamp) {
        switch event {
        case .waits(let wait):
            self.init(
                .chatWait,
                [
                    "model": .string("\(wait.model)"), "reason": .string(wait.reason.name),
                    "for_ms": wait.until.map { .int(max(0, $0.since(now).milliseconds)) } ?? .null,
                ])
        case .fallsBack(let from, let to, let failure):
            self.init(
                .chatFallback,
                [
                    "from": .string("\(from)"), "to": .string("\(to)"),
                    "kind": .string(failure.kind.rawValue),
                    "status": failure.status.map { .int($0) } ?? .null,
                ])
        case .notice(let sentence): self.init(.chatNotice, ["message": .string(sentence)])
        case .beginsAnew: self.init(.chatNotice, ["message": "The answer broke off; it begins anew."])
        case .toolStarts(let call): self.init(.chatTool, Self.tool(call.call, "started", isError: nil))
        case .toolEnds(let call, let result):
            self.init(.chatTool, Self.tool(call.call, "ended", isError: result.isError))
        case .answered(let answer):
            self.init(
                .chatAnswered,
                [
                    "session": answer.session.map { .int($0) } ?? .null, "model": .init(answer.model),
                    "finish_reason": .init(answer.finishReason), "attempts": .int(answer.attempts),
                    "usage": answer.usage?.json ?? .null, "cost_usd": .init(answer.cost?.dollars),
                ])
        case .stored, .continuing, .arrived: return nil
        }
    }

    private static func tool(_ call: ToolCall, _ state: String, isError: Bool?) -> JSONObject {
        [
            "tool": .string(call.name), "call": .string(call.id), "state": .string(state),
            "is_error": isError.map { .bool($0) } ?? .null,
        ]
    }
}

extension PolicyWait.Reason {
    fileprivate var name: String {
        switch self {
        case .pace: "limits"
        case .pause: "pause"
        case .concurrency: "concurrency"
        case .retry: "retry"
        }
    }
}
