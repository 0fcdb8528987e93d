public import ParleyCore

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
        public var providers: Set<ProviderName>

        public init(skipsBadRows: Bool = false, providers: Set<ProviderName> = KnownProviders.builtIn) {
            self.skipsBadRows = skipsBadRows
            self.providers = providers
        }
    }

    /// Reads the sheet's files and counts what running them would send, without storing anything.
    ///
    /// - Parameter price: what a model's tokens cost; nil makes its share, and the sum, unpriced.
    /// - Throws: ``IngestError``; bad rows are an error unless they may be skipped, as they are when enqueueing. Only ids
    ///   that stand twice are not noticed: that is the store's knowledge.
    public static func dryRun(
        _ sheet: JobSheet, options: Options = Options(), price: (ModelName) throws -> Price?
    ) throws -> DryRunReport {
        let rows = try JobRows(sheet, options: options)
        var tally = DryRunTally(requests: rows.requests)
        var outcome = try rows.readAside { chunk, _ in try tally.add(chunk) }
        try outcome.check(sheet, options)
        return DryRunReport(
            batch: sheet.batchName, jobs: tally.jobs, invalid: outcome.problemsCount,
            problems: outcome.problems,
            models: try tally.priced(price))
    }
}
