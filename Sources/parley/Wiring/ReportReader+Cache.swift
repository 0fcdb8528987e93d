import BatchExecutor
import ConversationStore
import ParleyCore
import ProviderStack
import UsageReport

// What the caches saved, request by request.
extension ReportReader {
    /// What the order of sending saved, if there are not too many requests to find out.
    func order(of requests: Int, batch: BatchRecord?) async throws -> OrderOutcome {
        if batch == nil, requests > ArrivalReplay.requestsMax { return .tooMany(requests) }
        let lines = try await cacheLines(batch, batches: try await batches(batch)).lines
        return .replayed(lines.compactMap(\.orderSaving).reduce(OrderSaving(), +))
    }

    func prefixPage(by names: [String], batch: BatchRecord?) async throws -> PrefixPage {
        let batches = try await batches(batch)
        let (lines, notReplayed) = try await cacheLines(batch, batches: batches)
        let openings = try await openings(of: lines, batches)
        let rows = lines.map { line in
            PrefixPage.Row(
                batch: batches[line.lane.batch]?.name ?? "", opening: openings[line.job] ?? "", line: line)
        }
        // What a batch says for all begins with its system prompt, not with a row.
        let named = rows.map { row in
            guard row.line.name == .common else { return row }
            let settings = batches[row.line.lane.batch]?.settings
            let text = settings.map { ($0.system ?? "") + " " + $0.templateHead } ?? ""
            return PrefixPage.Row(batch: row.batch, opening: text, line: row.line)
        }
        return PrefixPage(scope: scope, by: names, rows: named, notReplayed: notReplayed)
    }

    private func batches(_ batch: BatchRecord?) async throws -> [BatchID: BatchRecord] {
        let records = if let batch { [batch] } else { try await store.batches() }
        return Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0) })
    }

    private func cacheLines(
        _ batch: BatchRecord?, batches: [BatchID: BatchRecord]
    ) async throws -> (lines: [PrefixLine], notReplayed: Int?) {
        let query = CacheUseQuery(batch: batch?.id, since: scope.period.since, until: scope.period.until)
        var survey = PrefixSurvey(commonTokens: batches.mapValues(\.settings.commonTokens))
        try await store.cacheUseSums(query) { survey.add(PrefixSums($0)) }
        survey.finish()
        let figures = Dictionary(
            uniqueKeysWithValues: survey.lanes.map { ($0, CacheFigures(rules(for: $0.model))) })
        let isReplayed = batch != nil || survey.requests <= ArrivalReplay.requestsMax
        let prices = Dictionary(
            uniqueKeysWithValues: try await store.prices().map { ($0.id, $0.price) })
        var ledger = PrefixLedger(survey, figures: figures)
        var replay = ArrivalReplay(survey, figures: figures)
        try await store.cacheUses(query) { use in
            let request = CachedRequest(use, price: use.price.flatMap { prices[$0] })
            ledger.add(request)
            if isReplayed { replay.add(request) }
        }
        return isReplayed ? (replay.told(in: ledger.lines), nil) : (ledger.lines, survey.requests)
    }

    private func rules(for model: ModelName) -> PromptCacheRules {
        .rules(for: model, entry: catalogue.provider(model.provider))
    }

    /// What the rows of each prefix begin with, after what the template says for all.
    private func openings(
        of lines: [PrefixLine], _ batches: [BatchID: BatchRecord]
    ) async throws -> [JobID: String] {
        var openings: [JobID: String] = [:]
        let own = lines.filter { $0.name != .common }
        for (batch, lines) in Dictionary(grouping: own, by: \.lane.batch) {
            let found = try await store.openings(
                of: lines.map(\.job), after: batches[batch]?.settings.templateHead ?? "",
                characters: OpeningText.charactersRead)
            openings.merge(found) { one, _ in one }
        }
        return openings
    }
}

extension BatchSettings {
    /// The prompt's template up to its first column.
    var templateHead: String {
        guard let template = promptTemplate, let open = template.firstRange(of: "{{") else { return "" }
        return String(template[..<open.lowerBound])
    }

    /// About how long what it says for all rows is.
    var commonTokens: Int {
        ((system ?? "").utf8.count + templateHead.utf8.count) / TokenEstimate.bytesPerToken
    }
}

extension PrefixSums {
    init(_ sums: CacheUseSums) {
        self.init(
            lane: CacheLane(batch: sums.batch, model: sums.model), prefix: sums.prefix,
            requests: sums.requests, jobs: sums.jobs, readMax: sums.readMax, readLeast: sums.readLeast,
            heldMax: sums.heldMax, inputLeast: sums.inputLeast, writes: sums.writes)
    }
}

extension CachedRequest {
    init(_ use: CacheUse, price: Price?) {
        self.init(
            lane: CacheLane(batch: use.batch, model: use.model), job: use.job, prefix: use.prefix,
            sentAt: use.sentAt, firstTokenAt: use.sentAt + use.firstToken, usage: use.usage, price: price)
    }
}

extension CacheFigures {
    init(_ rules: PromptCacheRules) {
        self.init(
            tokensMin: rules.tokensMin, lifetime: rules.lifetime, lifetimeLong: rules.lifetimeLong,
            leaders: rules.leaders, requestsPerMinute: rules.requestsPerMinute)
    }
}
