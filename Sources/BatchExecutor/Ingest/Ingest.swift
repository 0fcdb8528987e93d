public import ParleyCore

/// Brings the rows of files into a batch.
public enum Ingest {
    /// How an enqueue goes about it.
    public struct Options: Sendable, Hashable {
        /// Leaves bad rows out and keeps the good ones; otherwise one bad row keeps the whole file out.
        public var skipsBadRows: Bool
        /// The names that make a row's own `model` complete.
        public var providers: Set<ProviderName>

        public init(skipsBadRows: Bool = false, providers: Set<ProviderName> = KnownProviders.builtIn) {
            self.skipsBadRows = skipsBadRows
            self.providers = providers
        }
    }
}
