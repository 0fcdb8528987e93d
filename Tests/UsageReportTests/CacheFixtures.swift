import ParleyCore

@testable import UsageReport

extension CacheFigures {
    static func fixture(
        tokensMin: Int = 1024, lifetime: Duration = .seconds(300), leaders: Int = 1, perMinute: Int? = nil
    ) -> CacheFigures {
        CacheFigures(
            tokensMin: tokensMin, lifetime: lifetime, lifetimeLong: .seconds(3600), leaders: leaders,
            requestsPerMinute: perMinute)
    }
}

extension CacheLane {
    static let fixture = CacheLane(batch: BatchID(1), model: ModelName(provider: "openai", model: "gpt"))
}

extension PrefixKey {
    static let one = PrefixKey(short: 1, long: nil)
    static let two = PrefixKey(short: 2, long: nil)
}

extension CachedRequest {
    /// Sent so many milliseconds after the beginning, its first token 100 later.
    static func fixture(
        _ job: Int64, at milliseconds: Int64, _ prefix: PrefixKey? = .one, read: Int = 0, written: Int = 0,
        input: Int = 2100, firstToken: Int64 = 100, price: Price? = .fixture(input: 100, cacheRead: 10)
    ) -> CachedRequest {
        CachedRequest(
            lane: .fixture, job: JobID(job), prefix: prefix, sentAt: Timestamp(milliseconds: milliseconds),
            firstTokenAt: Timestamp(milliseconds: milliseconds + firstToken),
            usage: Usage(
                inputUncached: input - read - written, cacheRead: read, cacheWrite5m: written, output: 5),
            price: price)
    }
}

extension PrefixSurvey {
    /// As the store would tell it of these requests.
    static func of(_ requests: [CachedRequest], commonTokens: Int = 0) -> PrefixSurvey {
        var survey = PrefixSurvey(commonTokens: [CacheLane.fixture.batch: commonTokens])
        let groups = Dictionary(grouping: requests, by: \.prefix)
        for (key, group) in groups.sorted(by: { $0.key?.number ?? 0 < $1.key?.number ?? 0 }) {
            let jobs = group.map(\.job.number)
            let usages = group.map(\.usage)
            survey.add(
                PrefixSums(
                    lane: .fixture, prefix: key, requests: group.count, jobs: jobs.min()!...jobs.max()!,
                    readMax: usages.map(\.cacheRead).max()!,
                    readLeast: usages.map(\.cacheRead).filter { $0 > 0 }.min() ?? 0,
                    heldMax: usages.map { $0.cacheRead + $0.cacheWrite }.max()!,
                    inputLeast: usages.map(\.inputTotal).min()!,
                    writes: usages.contains { $0.cacheWrite > 0 }))
        }
        survey.finish()
        return survey
    }
}

/// The lines of these requests, sent in that order.
func lines(
    of requests: [CachedRequest], _ figures: CacheFigures = .fixture(), commonTokens: Int = 0
) -> [PrefixLine] {
    let survey = PrefixSurvey.of(requests, commonTokens: commonTokens)
    var ledger = PrefixLedger(survey, figures: [.fixture: figures])
    var replay = ArrivalReplay(survey, figures: [.fixture: figures])
    for request in requests {
        ledger.add(request)
        replay.add(request)
    }
    return replay.told(in: ledger.lines)
}
