public import ConversationStore
import OrderedCollections
public import ParleyCore

/// A conversation with all that is stored of it, as the document that `sessions export` writes and `sessions import` reads.
///
/// The shape is described in docs/conversations.md. It holds no key: none is ever stored.
public struct SessionDocument: Sendable {
    /// The version that is written; a reader refuses others.
    public static let version = 1

    public var session: SessionRecord
    public var messages: [StoredMessage]
    /// What the sources of imported answers say of them.
    public var imported: [MessageID: ImportedAnswer]
    /// The database that it stands in, see ``Store/identity``.
    public var identity: String

    public init(
        session: SessionRecord, messages: [StoredMessage], imported: [MessageID: ImportedAnswer],
        identity: String
    ) {
        self.session = session
        self.messages = messages
        self.imported = imported
        self.identity = identity
    }

    /// Reads a conversation whole.
    ///
    /// - Parameter last: no more than so many of its last messages; nil = all. A document without its beginning is for looking
    ///   at, not for importing.
    public init(of id: SessionID, from store: Store, last: Int? = nil) async throws {
        self.init(
            session: try await store.requireSession(id),
            messages: try await store.messages(of: id, last: last),
            imported: try await store.importedAnswers(of: id), identity: store.identity)
    }

    public var json: JSON {
        [
            "parley": .int(Self.version),
            "origin": .string(ImportedSession.origin(of: session.id, in: identity)),
            "id": .int(session.id.number),
            "title": .string(session.title),
            "role": .string(session.role),
            "model": .string(session.model.description),
            "system": .init(session.system),
            "settings": session.settings.json,
            "status": .string(session.status.rawValue),
            "parent": session.parent.map { .int($0.number) } ?? .null,
            "forked_messages": session.forkedMessages.map { .int($0) } ?? .null,
            "created_at": .string(session.createdAt.documentText),
            "updated_at": .string(session.updatedAt.documentText),
            "messages": .array(messages.map { json(of: $0) }),
        ]
    }

    /// What is not so is left out.
    private func json(of stored: StoredMessage) -> JSON {
        let message = stored.message
        var members: JSONObject = [
            "position": .int(stored.position),
            "role": .string(message.role.rawValue),
            "content": .string(message.content),
        ]
        if let reasoning = message.reasoning { members["reasoning"] = .string(reasoning) }
        if !stored.calls.isEmpty { members["tool_calls"] = .array(stored.calls.map(\.json)) }
        if let call = message.toolCallID { members["tool_call_id"] = .string(call) }
        if message.isError { members["is_error"] = true }
        if message.isProtected { members["protected"] = true }
        if stored.isPartial { members["partial"] = true }
        if stored.isExtra { members["extra"] = true }
        if let moment = stored.setAsideAt { members["set_aside_at"] = .string(moment.documentText) }
        if let reason = stored.finishReason { members["finish_reason"] = .string(reason) }
        if let continuation = message.continuation { members["continuation"] = continuation }
        let answer = answer(of: stored)
        if let model = answer.model { members["model"] = .string(model) }
        if let usage = answer.usage { members["usage"] = usage.json }
        if let cost = answer.cost { members["cost_usd"] = .string(cost.dollars) }
        if imported[stored.id] != nil { members["imported"] = true }
        members["at"] = .string(stored.createdAt.documentText)
        return .object(members)
    }

    /// Who wrote an answer, and what it took: as this database knows it, else as its source said.
    public func answer(of stored: StoredMessage) -> ImportedAnswer {
        imported[stored.id]
            ?? ImportedAnswer(model: stored.model?.description, usage: stored.usage, cost: stored.cost)
    }
}

extension StoredCall {
    /// `arguments` is the text as the model wrote it; `number` is what `parley tool-result` takes.
    var json: JSON {
        var members: JSONObject = [
            "number": .int(id.number), "id": .string(call.id), "name": .string(call.name),
            "arguments": .string(call.arguments.rawText), "state": .string(state.rawValue),
        ]
        if call.arguments.isRepaired, let object = call.arguments.object {
            members["repaired"] = .object(object)
        }
        if let result { members["result"] = .string(result) }
        if isError { members["is_error"] = true }
        return .object(members)
    }
}
