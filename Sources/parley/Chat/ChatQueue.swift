import BatchExecutor
import ConversationStore
import OrderedCollections
import ParleyCore
import ProviderStack

/// Puts the next question of a conversation into the queue, to be asked by `parley run`.
///
/// The job holds the conversation as it stands; so it means the same however that goes on. Its answer stands in the job's own
/// conversation, which can be taken up in turn.
struct ChatQueue {
    let store: Store

    /// What was queued.
    struct Ticket {
        var batch: String
        var key: String
        /// The same question was queued before.
        var isKnown: Bool

        /// The shape of `chat --queue --json`.
        var json: JSON { ["batch": .string(batch), "job": .string(key), "new": .bool(!isKnown)] }

        var sentence: String {
            (isKnown ? "It is in the queue already" : "Queued")
                + " as job \(key) of \(batch); `parley run \(batch)` asks it."
        }
    }

    /// - Parameter batch: the name of the batch; nil = one of the conversation's own.
    func add(_ prompt: String, after session: SessionRecord, to batch: String? = nil) async throws -> Ticket {
        let said = try await store.conversation(of: session.id).filter { !$0.isGhost } + [.user(prompt)]
        if !(try await store.openCalls(of: session.id)).isEmpty {
            throw CommandFailure(
                "tool calls of session \(session.id) are open; answer them before something is queued")
        }
        var columns: JSONObject = ["messages": .array(said.map(\.openAI))]
        columns["session"] = .int(Int(session.id.number))
        let request = CompletionRequest(model: session.model, system: session.system, messages: said)
        let key = "\(session.id)-\(said.count)-\(RequestDigest.short(RequestDigest.of(request)))"
        columns["id"] = .string(key)
        let name = batch ?? "chat-\(session.id)"
        let report = try await store.enqueue(
            BatchDraft(name: name, settings: settings(of: session), source: "session \(session.id)")
        ) { try $0.insert(Self.row(key: key, columns)) }
        return Ticket(batch: name, key: key, isKnown: report.new == 0)
    }

    private func settings(of session: SessionRecord) -> BatchSettings {
        let own = session.settings
        return BatchSettings(
            model: session.model, fallbacks: own.fallbacks, role: session.role, system: session.system,
            maxTokens: own.maxTokens, temperature: own.temperature, options: own.options, schema: own.schema)
    }

    private static func row(key: String, _ columns: JSONObject) -> DraftChunk {
        var chunk = DraftChunk()
        let input = JSON.object(columns).text()
        chunk.bytes = Array(key.utf8) + Array(input.utf8)
        let split = key.utf8.count
        chunk.rows = [.init(key: 0..<split, input: split..<chunk.bytes.count, line: 1)]
        return chunk
    }
}
