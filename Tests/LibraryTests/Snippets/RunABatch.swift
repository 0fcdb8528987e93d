import BatchExecutor
import ConversationStore
import Logging
import ParleyCore
import ProviderStack

/// Asks each row of a file; the same file again asks nothing twice.
func run(
    _ file: String, model: ModelName, in store: Store, by providers: any ProviderSource
) async throws -> [Answer] {
    let report = try await Ingest.enqueue(JobSheet(files: [JobFile(file)], model: model), into: store)
    let batch = try await store.requireBatch(named: report.batch)
    let runner = BatchRunner(
        store: store, providers: providers, settings: RunSettings(concurrency: 64),
        logger: Logger(label: "batch"))
    _ = try await runner.run(batches: [batch])
    var answers: [Answer] = []
    try await store.answers(of: batch.id) { answers.append($0) }
    return answers
}
