import GRDB
import OrderedCollections
public import ParleyCore

extension Store {
    /// The turns of a conversation in order, as they are sent to a provider when it goes on.
    ///
    /// An answer that came after its job had been given to somebody else is not among them. The system prompt stands
    /// apart, with the session.
    public func conversation(of session: SessionID) async throws -> [Message] {
        try await read { database in
            let calls = try Self.toolCalls(of: session, in: database)
            let request = SQLRequest<Row>(
                literal: """
                    SELECT id, role, content, reasoning, tool_call_id, is_error, is_protected, continuation
                    FROM messages WHERE session_id = \(session.number) AND extra = 0 ORDER BY position
                    """)
            return try Row.fetchAll(database, request).compactMap { row in
                guard let role = Message.Role(rawValue: row[1]) else { return nil }
                return Message(
                    role: role, content: row[2], reasoning: row[3], toolCalls: calls[row[0]] ?? [],
                    toolCallID: row[4], isError: row[5], isProtected: row[6],
                    continuation: try (row[7] as String?).map { try JSON(parsing: $0) })
            }
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
                ToolCall(id: row[1], name: row[2], arguments: try ToolCall.Arguments(row)))
        }
        return calls
    }
}

extension ToolCall.Arguments {
    /// Of the columns `raw`, `arguments` and `repaired`, which stand at 3, 4 and 5.
    fileprivate init(_ row: Row) throws {
        let raw: String = row[3]
        guard let text = row[4] as String?, case .object(let object) = try JSON(parsing: text) else {
            self = .invalid(raw: raw)
            return
        }
        self = (row[5] as Bool) ? .repaired(object, raw: raw) : .parsed(object)
    }
}
