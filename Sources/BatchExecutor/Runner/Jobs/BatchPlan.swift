import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// A batch as the runner sees it: its settings, and the models that its jobs may ask. A class, because each of its jobs
/// carries it.
final class BatchPlan: Sendable {
    let batch: BatchRecord
    private let rows: JobRequest
    var settings: BatchSettings { batch.settings }

    /// Throws when the batch's template cannot be read; the ingest would not have taken it.
    init(batch: BatchRecord, providers: Set<ProviderName>) throws(TemplateError) {
        self.batch = batch
        rows = try JobRequest(settings: batch.settings, providers: providers)
    }

    /// Turns a leased row into the request for its own model.
    func request(for job: LeasedJob) throws -> CompletionRequest {
        try rows.request(input: JSON(parsing: job.input), rowSystem: job.rowSystem)
    }

    /// The model that the job would ask first, for its lane; nil when its row names none that can be read.
    ///
    /// A row is read only if it might name a model of its own.
    func firstModel(of job: LeasedJob) -> ModelName? {
        let model: ModelName?
        if let common = settings.model, settings.rowFormat == .columns, !job.input.mentionsModel {
            model = common
        } else {
            model = try? request(for: job).model
        }
        guard let model, job.candidate > 0 else { return model }
        let candidates = chain(from: model).candidates
        return candidates[min(job.candidate, candidates.count - 1)]
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
    private let providers: Set<ProviderName>

    init(_ batches: [BatchRecord], providers: Set<ProviderName>) throws {
        self.providers = providers
        let known = try batches.map { ($0.id, try BatchPlan(batch: $0, providers: providers)) }
        plans = Mutex(Dictionary(known) { first, _ in first })
    }

    subscript(batch: BatchID) -> BatchPlan? { plans.withLock { $0[batch] } }

    /// Adds the batches, or takes over what holds of them now.
    func set(_ batches: [BatchRecord]) throws {
        let more = try batches.map { try BatchPlan(batch: $0, providers: providers) }
        plans.withLock { plans in
            for plan in more { plans[plan.batch.id] = plan }
        }
    }

    var all: [BatchPlan] { plans.withLock { Array($0.values) } }
}

extension String {
    /// Whether a column of this row, as JSON, might be called `model`.
    fileprivate var mentionsModel: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            var rest = bytes[...]
            while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
                if quote >= 5, bytes[quote - 1] | 0x20 == UInt8(ascii: "l"),
                    bytes[quote - 2] | 0x20 == UInt8(ascii: "e"), bytes[quote - 3] | 0x20 == UInt8(ascii: "d")
                {
                    return true
                }
                rest = bytes[(quote + 1)...]
            }
            return false
        } ?? true
    }
}
