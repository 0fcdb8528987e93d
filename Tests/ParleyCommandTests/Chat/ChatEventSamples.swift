import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack

@testable import ConversationStore
@testable import parley

extension EventLine {
    /// One of each event of a conversation, with every member filled.
    static func chatSamples(_ model: ModelName) -> [EventLine] {
        let call = StoredCall(
            id: ToolCallID(1), session: SessionID(12),
            call: ToolCall(id: "call_1", name: "weather", arguments: .parsed(["city": "Oslo"])),
            state: .pending, isError: false)
        let now = Timestamp(milliseconds: 0)
        let events: [ConversationEvent] = [
            .waits(PolicyWait(model: model, reason: .pace, until: now + .seconds(8))),
            .fallsBack(
                from: model, to: model,
                because: Failure(kind: .overloaded, provider: "openai", status: 503, message: "busy")),
            .notice("The first 4 messages were left out."), .beginsAnew, .toolStarts(call),
            .toolEnds(call, ToolResult(content: "mild")),
            .answered(Answer(customID: "", state: "done", answer: "Yes.", session: 12)),
        ]
        return events.compactMap { EventLine($0, at: now) }
    }
}
