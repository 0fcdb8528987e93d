import ConversationStore
import Logging
import ParleyCore
import Synchronization

/// The schemas by which a run checks answers; each is compiled once.
final class AnswerSchemas: Sendable {
    private struct State: Sendable {
        /// The batches' own; nil for one that has none that can be used.
        var batches: [BatchID: JSONSchema?] = [:]
        /// Those of single rows.
        var shelf = SchemaShelf()
        var hasWarned: Set<BatchID> = []
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// The schema that the answer to a request is to follow; nil for none.
    ///
    /// Nothing is enqueued with a schema that cannot be used. A batch that was before this was looked at goes on as it did:
    /// its answers are not checked, which is said once.
    func schema(for request: CompletionRequest, of batch: BatchRecord) -> JSONSchema? {
        guard case .jsonSchema(_, let source, _) = request.responseFormat else { return nil }
        return state.withLock { state in
            let isOfBatch = batch.settings.rowFormat == .columns
            if isOfBatch, let known = state.batches[batch.id] { return known }
            do throws(JSONSchemaError) {
                let schema = try state.shelf.schema(source)
                if isOfBatch { state.batches[batch.id] = .some(schema) }
                return schema
            } catch {
                if isOfBatch { state.batches[batch.id] = .some(nil) }
                if state.hasWarned.insert(batch.id).inserted {
                    logger.warning(
                        "answers are not checked: their schema cannot be used",
                        metadata: ["batch": "\(batch.name)", "reason": "\(error)"])
                }
                return nil
            }
        }
    }
}
