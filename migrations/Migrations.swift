/// One step of the schema's history: an SQL file that the program carries with it.
///
/// A file that has been shipped is never edited; a change is a new file. The store keeps each file's checksum
/// and refuses a database whose history differs from this list.
public struct Migration: Sendable {
    /// The file's name without its ending, such as `0001-conversations`.
    public let name: String
    /// The file as it stands, UTF-8.
    public let sql: [UInt8]

    public init(name: String, sql: [UInt8]) {
        self.name = name
        self.sql = sql
    }

    /// All steps, in the order in which they are applied.
    ///
    /// The names of the constants come from the package manager, which puts `_` for the leading digit of a
    /// file's name.
    public static let all: [Migration] = [
        Migration(name: "0001-conversations", sql: PackageResources._001_conversations_sql),
        Migration(name: "0002-queue", sql: PackageResources._002_queue_sql),
        Migration(name: "0003-ledger", sql: PackageResources._003_ledger_sql),
        Migration(name: "0004-limits", sql: PackageResources._004_limits_sql),
        Migration(name: "0005-views", sql: PackageResources._005_views_sql),
        Migration(
            name: "0006-prices-openai-anthropic", sql: PackageResources._006_prices_openai_anthropic_sql),
        Migration(name: "0007-prices-others", sql: PackageResources._007_prices_others_sql),
        Migration(name: "0008-policy-state", sql: PackageResources._008_policy_state_sql),
        Migration(name: "0009-learnt-pace", sql: PackageResources._009_learnt_pace_sql),
        Migration(name: "0010-budget", sql: PackageResources._010_budget_sql),
        Migration(name: "0011-deadlines", sql: PackageResources._011_deadlines_sql),
        Migration(name: "0012-prefixes", sql: PackageResources._012_prefixes_sql),
        Migration(name: "0013-reuse", sql: PackageResources._013_reuse_sql),
        Migration(name: "0014-turns", sql: PackageResources._014_turns_sql),
        Migration(name: "0015-search", sql: PackageResources._015_search_sql),
        Migration(name: "0016-pruning", sql: PackageResources._016_pruning_sql),
        Migration(name: "0017-imports", sql: PackageResources._017_imports_sql),
    ]
}
