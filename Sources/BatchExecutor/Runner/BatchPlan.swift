import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// A batch as the runner sees it: its settings, and the models that its jobs may ask.
struct BatchPlan: Sendable {
    let batch: BatchRecord
    var settings: BatchSettings { batch.settings }

    /// Turns a leased row into the request for its own model.
    func request(for job: LeasedJob) throws -> CompletionRequest {
        let input = try JSON(parsing: job.input)
        return try JobRequest.make(settings: settings, input: input, rowSystem: job.rowSystem)
    }

    /// The models that the job may ask, in order.
    func chain(from model: ModelName) -> FallbackChain {
        FallbackChain(model, fallbacks: settings.fallbacks)
    }

    /// The models that are known before any row is read.
    var models: [ModelName] {
        (settings.model.map { [$0] } ?? []) + settings.fallbacks
    }
}

/// The plans of a run's batches; a batch that appears while a run watches is added when its first job is leased.
final class BatchPlans: Sendable {
    private let plans: Mutex<[BatchID: BatchPlan]>

    init(_ batches: [BatchRecord]) {
        plans = Mutex(Dictionary(batches.map { ($0.id, BatchPlan(batch: $0)) }) { first, _ in first })
    }

    subscript(batch: BatchID) -> BatchPlan? { plans.withLock { $0[batch] } }

    func add(_ batches: [BatchRecord]) {
        plans.withLock { plans in
            for batch in batches where plans[batch.id] == nil { plans[batch.id] = BatchPlan(batch: batch) }
        }
    }

    var all: [BatchPlan] { plans.withLock { Array($0.values) } }
}
