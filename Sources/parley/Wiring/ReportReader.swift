import ConversationStore
import ParleyCore
import ProviderStack
import UsageReport

/// Reads the figures of a report from the store.
struct ReportReader {
    let store: Store
    let scope: ReportScope
    /// Who knows the rules of the models' caches.
    let catalogue: Catalogue

    func page(_ kind: Report.Kind, by keys: GroupingKeys) async throws -> any ReportPage {
        let dimensions = keys.dimensions
        let batch = try await scope.batch.asyncMap { try await store.requireBatch(named: $0) }
        switch kind {
        case .cost:
            return CostPage(
                scope: scope, groups: try await groups(by: dimensions, batch: batch),
                unpricedModels: try await unpricedModels(batch), reused: try await reused(batch))
        case .cache where keys.hasPrefix:
            return try await prefixPage(by: keys.names, batch: batch)
        case .cache:
            let groups = try await groups(by: dimensions, batch: batch)
            let order = try await order(of: groups.total.requests, batch: batch)
            return CachePage(scope: scope, groups: groups, order: order)
        case .overview:
            return OverviewPage(
                scope: scope, jobs: try await jobs(batch),
                byModel: try await groups(by: [.model], batch: batch),
                byBatch: try await groups(by: [.batch], batch: batch),
                unpricedModels: try await unpricedModels(batch),
                unknownRequests: try await store.unknownAttempts(of: batch?.id),
                reused: try await reused(batch))
        }
    }

    /// The sums by the dimensions asked for.
    ///
    /// They are read by model and hour as well: so that each hour falls on the right day in any zone, and each cached
    /// token meets the price of its hour.
    private func groups(
        by dimensions: [UsageQuery.Dimension], batch: BatchRecord?
    ) async throws -> GroupedUsage {
        let read = Set(dimensions).subtracting([.day]).union([.model, .hour])
        let rows = try await store.usage(
            UsageQuery(
                by: read.sorted { $0.rawValue < $1.rawValue }, since: scope.period.since,
                until: scope.period.until,
                batch: batch?.id))
        let book = PriceBook(try await store.prices().map(\.price))
        let lines = rows.map { row in
            let hour = row.keys[.hour].flatMap { Timestamp(hour: $0) } ?? Timestamp(milliseconds: 0)
            let keys = dimensions.map { dimension in
                switch dimension {
                case .day: scope.zone.day(of: hour)
                case .hour: scope.zone.hour(of: hour)
                case .batch: row.keys[.batch].flatMap { $0.isEmpty ? nil : $0 } ?? "(by hand)"
                default: row.keys[dimension] ?? ""
                }
            }
            let price = row.keys[.model].flatMap { ModelName($0) }
                .flatMap { book.price(of: $0, at: hour + .seconds(3599)) }
            return GroupedUsage.Line(
                keys: keys,
                billed: BilledUsage(
                    requests: row.requests, failures: row.failures, usage: row.usage, cost: row.cost,
                    unpriced: row.unpricedRequests),
                saving: CacheSaving(of: row.usage, at: price))
        }
        return GroupedUsage(by: dimensions.map(\.rawValue), lines: lines)
    }

    private func reused(_ batch: BatchRecord?) async throws -> ReusedUsage {
        ReusedUsage(
            try await store.reused(since: scope.period.since, until: scope.period.until, batch: batch?.id))
    }

    private func unpricedModels(_ batch: BatchRecord?) async throws -> [String] {
        try await store.unpricedModels(
            since: scope.period.since, until: scope.period.until, batch: batch?.id
        ).map(\.model.description)
    }

    private func jobs(_ batch: BatchRecord?) async throws -> [JobState: Int] {
        try await store.status(of: batch.map { [$0.name] }).reduce(into: [:]) { counts, status in
            counts.merge(status.counts) { $0 + $1 }
        }
    }
}

extension ReusedUsage {
    init(_ sums: ReuseSums) {
        self.init(
            answers: sums.answers, collapsed: sums.collapsed, usage: sums.usage, saved: sums.saved,
            unpriced: sums.unpriced)
    }
}
