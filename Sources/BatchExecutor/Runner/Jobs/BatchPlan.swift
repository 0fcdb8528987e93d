import ConversationStore
import ParleyCore
import ProviderStack
import Synchronization

/// A batch as the runner sees it: its settings, and the models that its jobs may ask. A class, because each of its jobs
/// carries it.
final class BatchPlan: Sendable {
    let batch: BatchRecord
    private let rows: JobRequest
    /// How long the beginnings of the jobs with a key are, by level.
    private let lengths = Mutex<[PrefixKey?: [Int]]>([:])
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

    /// The same, and how it would use the provider's cache.
    func request(for job: LeasedJob, _ place: CachePlace) throws -> CompletionRequest {
        let row = try rows.prepared(input: JSON(parsing: job.input), rowSystem: job.rowSystem)
        var request = row.request
        // A job's answer is nobody else's beginning.
        request.cache.keepsEnd = false
        request.cache.retention = place.level == nil ? .none : place.retention
        request.cache.shard = place.shard
        if let end = place.level.flatMap({ row.outline().end(at: $0) }) {
            request.sharedMessages = end.messages
            request.cache.sharedBytes = end.bytes
        }
        return request
    }

    /// The beginnings that the job may share with others of its batch, the shorter ones first.
    ///
    /// A row is read only if nothing is known yet of those that it has.
    func beginnings(of job: LeasedJob) -> [SharedBeginning] {
        guard batch.jobs > 1 else { return [] }
        let lengths = lengths.withLock { known -> [Int] in
            if let lengths = known[job.prefix] { return lengths }
            guard let row = try? rows.prepared(input: JSON(parsing: job.input), rowSystem: job.rowSystem)
            else { return [] }
            let outline = row.outline()
            if known.count >= Self.lengthsMax { known.removeAll(keepingCapacity: true) }
            let lengths = (0...2).map { outline.end(at: $0)?.tokens ?? 0 }
            known[job.prefix] = lengths
            return lengths
        }
        var beginnings: [SharedBeginning] = []
        if !hasOwnSystem(job), let length = lengths.first, length > 0 {
            beginnings.append(SharedBeginning(name: .common, tokens: length, mates: PrefixMates.countMax))
        }
        guard let key = job.prefix, lengths.count == 3 else { return beginnings }
        for (level, mates) in [(1, job.mates.short), (2, job.mates.long)] where lengths[level] > 0 {
            beginnings.append(
                SharedBeginning(name: .own(key, level: level), tokens: lengths[level], mates: mates))
        }
        return beginnings
    }

    /// Whether the row has, or may have, a system prompt of its own in the place of the batch's.
    private func hasOwnSystem(_ job: LeasedJob) -> Bool {
        job.rowSystem != nil || settings.system != nil && job.input.mentionsSystem
    }

    /// So many keys have their lengths remembered.
    private static let lengthsMax = 4096

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
    fileprivate var mentionsModel: Bool { mentionsWord(endingIn: "del") }

    /// The same for `system`, or a turn of that role.
    fileprivate var mentionsSystem: Bool { mentionsWord(endingIn: "tem") }

    /// Whether these three small letters, in whatever case, stand before a quotation mark.
    private func mentionsWord(endingIn letters: StaticString) -> Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            var rest = bytes[...]
            while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
                if quote >= 5,
                    (0..<3).allSatisfy({ bytes[quote - 3 + $0] | 0x20 == letters.utf8Start[$0] })
                {
                    return true
                }
                rest = bytes[(quote + 1)...]
            }
            return false
        } ?? true
    }
}
