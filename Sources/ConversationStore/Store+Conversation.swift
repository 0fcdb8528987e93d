import GRDB
import OrderedCollections
public import ParleyCore

extension Store {
    /// The turns of a conversation in order, as they are sent to a provider when it goes on.
    ///
    /// An answer that came after its job had been given to somebody else is not among them, nor is what was taken out. The
    /// system prompt stands apart, with the session.
    public func conversation(of session: SessionID) async throws -> [Message] {
        try await read { database in
            let calls = try Self.toolCalls(of: session, in: database)
            let request = SQLRequest<Row>(
                literal: """
                    SELECT id, role, content, reasoning, tool_call_id, is_error, is_protected, continuation
                    FROM messages
                    WHERE session_id = \(session.number) AND extra = 0 AND set_aside_at IS NULL
                    ORDER BY position
                    """)
            // One row after the other: a conversation may be long, and rows that are kept are copied first.
            let rows = try Row.fetchCursor(database, request)
            var messages: [Message] = []
            while let row = try rows.next() {
                guard let role = Message.Role(rawValue: row[1]) else { continue }
                messages.append(
                    Message(
                        role: role, content: row[2], reasoning: row[3], toolCalls: calls[row[0]] ?? [],
                        toolCallID: row[4], isError: row[5], isProtected: row[6],
                        continuation: try (row[7] as String?).map { try JSON(parsing: $0) }))
            }
            return messages
        }
    }

    /// By the number of their message.
    private static func toolCalls(
        of session: SessionID, in database: Database
    ) throws -> [Int64: [ToolCall]] {
        let request = SQLRequest<Row>(
            literal: """
                SELECT c.message_id, c.call_id, c.name, c.raw, c.arguments, c.repaired
                FROM messages m JOIN tool_calls c ON c.message_id = m.id
                WHERE m.session_id = \(session.number) ORDER BY c.message_id, c.position
                """)
        var calls: [Int64: [ToolCall]] = [:]
        for row in try Row.fetchAll(database, request) {
            calls[row[0], default: []].append(
                ToolCall(
                    id: row[1], name: row[2],
                    arguments: try ToolCall.Arguments(raw: row[3], object: row[4], isRepaired: row[5])))
        }
        return calls
    }
}

extension ToolCall.Arguments {
    /// As they are stored: the text, and the object that could be read.
    init(raw: String, object: String?, isRepaired: Bool) throws {
        guard let object, case .object(let members) = try JSON(parsing: object) else {
            self = .invalid(raw: raw)
            return
        }
        self = isRepaired ? .repaired(members, raw: raw) : .parsed(members)
    }
}
