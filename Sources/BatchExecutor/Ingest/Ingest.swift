public import ConversationStore
public import ParleyCore
public import ProviderStack

/// Brings the rows of files into a batch.
///
/// A file is read once from front to back, by a thread of its own, while what was read before is stored; memory does not
/// grow with it. Everything happens in one transaction of the store: a batch gets all rows of all its files or none.
public enum Ingest {
    /// How an enqueue goes about it.
    public struct Options: Sendable, Hashable {
        /// Leaves bad rows out and keeps the good ones; otherwise one bad row keeps all of them out.
        public var skipsBadRows: Bool
        /// The names that make a row's own `model` complete.
        public var providers: Set<ProviderName> { Set(catalogue.names.map { ProviderName($0) }) }
        /// The providers, with what the user says of their prompt caches.
        public var catalogue: Catalogue

        public init(skipsBadRows: Bool = false, catalogue: Catalogue = .builtIn) {
            self.skipsBadRows = skipsBadRows
            self.catalogue = catalogue
        }
    }

    /// Adds the rows of the sheet's files to its batch.
    ///
    /// The same rows again add nothing and are counted as known. Rows that cannot become jobs, an id that stands twice
    /// and a row that differs from what the batch holds under its id are bad rows: all of them are looked for, and the
    /// error lists them.
    ///
    /// A deadline so far from now is counted from `now` on.
    ///
    /// - Throws: ``IngestError`` for what is wrong with the files, `StoreError` for what the store cannot do; nothing was
    ///   added then.
    public static func enqueue(
        _ sheet: JobSheet, into store: Store, options: Options = Options(),
        now: Timestamp = TimeSource.system.now
    ) async throws -> IngestReport {
        let rows = try JobRows(sheet, options: options)
        var sample = PrefixSample(requests: rows.requests)
        let (stored, outcome) = try await insert(rows, into: store, keeping: .store, at: now) {
            sample.add($0)
        }
        let jobs = stored.new + stored.known
        return IngestReport(
            batch: sheet.batchName, new: stored.new, known: stored.known, invalid: outcome.problemsCount,
            jobs: jobs, problems: outcome.problems,
            advice: stored.new > 0
                ? try await advice(sample, jobs: jobs, options, store, at: now) : PrefixAdvice())
    }

    /// Does all that ``enqueue(_:into:options:)`` does, takes it back, and counts what the rows would send.
    ///
    /// The costs are by the store's price list as it is at `now`.
    public static func dryRun(
        _ sheet: JobSheet, into store: Store, options: Options = Options(),
        now: Timestamp = TimeSource.system.now
    ) async throws -> DryRunReport {
        let rows = try JobRows(sheet, options: options)
        var tally = DryRunTally(requests: rows.requests)
        var sample = PrefixSample(requests: rows.requests)
        let (stored, outcome) = try await insert(rows, into: store, keeping: .dryRun, at: now) {
            try tally.add($0)
            sample.add($0)
        }
        var models: [DryRunReport.ModelShare] = []
        for share in tally.models {
            models.append(share.priced(by: try await store.price(for: share.model, at: now)?.price))
        }
        return DryRunReport(
            batch: sheet.batchName, new: stored.new, known: stored.known, invalid: outcome.problemsCount,
            problems: outcome.problems, models: models,
            advice: try await advice(sample, jobs: stored.new + stored.known, options, store, at: now))
    }

    private static func advice(
        _ sample: PrefixSample, jobs: Int, _ options: Options, _ store: Store, at now: Timestamp
    ) async throws -> PrefixAdvice {
        guard let model = sample.model else { return PrefixAdvice() }
        return sample.advice(
            jobs: jobs, catalogue: options.catalogue,
            price: try await store.price(for: model, at: now)?.price, at: now)
    }

    private static func insert(
        _ rows: JobRows, into store: Store, keeping mode: EnqueueMode, at now: Timestamp,
        counting count: (DraftChunk) throws -> Void
    ) async throws -> (stored: EnqueueReport, outcome: JobRows.Outcome) {
        let sheet = rows.sheet
        let draft = BatchDraft(
            name: sheet.batchName, settings: rows.settings, priority: sheet.priority,
            source: sheet.files.map(\.name).joined(separator: ", "),
            deadline: sheet.deadline?.moment(from: now))
        var outcome = JobRows.Outcome()
        let stored = try await store.enqueue(draft, keeping: mode) { inserter in
            var refused: [FileProblem] = []
            let read = try rows.readAside { chunk, file in
                let before = inserter.problems.count
                try inserter.insert(chunk)
                refused += inserter.problems[before...].map { FileProblem(file: file, problem: $0) }
                try count(chunk)
            }
            outcome = read.joined(with: refused, count: inserter.problemsCount, in: sheet.files)
            try outcome.check(rows)
        }
        return (stored, outcome)
    }
}
