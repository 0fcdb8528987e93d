import BatchExecutor
import ConversationStore
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization
import TestKit
import Testing

/// Every failure at the first, a middle and the last byte of an answer, over real sockets, through the queue; waits pass
/// on a virtual clock.
@Suite(.timeLimit(.minutes(4))) struct QueueDrillTests {
    /// So many requests meet the fault before the provider is well again.
    private static let faults = 2

    /// One job, whose model fails as the drill says, then is well; `fallback/…` always is.
    private func run(
        _ drill: DrillCase, fallbacks: [String],
        _ look: @escaping @Sendable (RunSummary, Answer, DrillSource, Store) async throws -> Void
    ) async throws {
        let clock = SteppingClock()
        // The server dates its wishes by the same clock, and stalls by the real one.
        let serverTime = TimeSource(now: { clock.now }, sleep: { try await Task.sleep(for: $0) })
        try await withSimulatorServer(drill.settings, time: serverTime) { failing in
            try await withSimulatorServer(SimulatorSettings(latency: .zero)) { answering in
                let source = try DrillSource(
                    failing: failing, answering: answering, faults: Self.faults, idle: drill.idle,
                    clock: clock)
                let bench = try await RunnerBench(time: clock.time)
                let batch = try await bench.enqueue(
                    1,
                    settings: .ofRunner(model: "first/model", fallbacks: fallbacks, streams: drill.streams))
                let runner = bench.runner(source, concurrency: 2, retryPolicy: RetryPolicy())
                let summary = try await clock.going(with: bench.store) {
                    try await runner.run(batches: [batch])
                }
                let answer = try await bench.answers(of: batch)[0]
                try await look(summary, answer, source, bench.store)
                await source.close()
                await bench.close()
            }
        }
    }

    /// The ledger knows each request, and no law is broken.
    private static func expectLedger(
        _ store: Store, requests: Int, failures: Int, _ drill: DrillCase
    ) async throws {
        let usage = try await store.usage(UsageQuery()).first
        #expect(usage?.requests == requests && usage?.failures == failures)
        let kinds = try await store.failureSummary().map { [$0.kind: $0.count] }
        #expect(kinds == [[drill.kind.rawValue: failures]])
        #expect(try await store.check() == [])
    }

    @Test(arguments: DrillCase.all.filter { $0.kind.advice == .retry })
    func `What passes is asked again as a row of the queue, and its wish is kept to`(
        drill: DrillCase
    ) async throws {
        try await run(drill, fallbacks: []) { summary, answer, source, store in
            #expect(summary.done == 1 && summary.stopped == nil)
            #expect(summary.requests == Self.faults + 1 && summary.retries == Self.faults)
            #expect(source.asked.map(\.model) == ["first/model", "first/model", "first/model"])
            #expect(Set(source.asked.map(\.key)).count == 1)
            if drill.hasWish {
                let gaps = zip(source.asked, source.asked.dropFirst()).map { $1.at.since($0.at) }
                // A date has whole seconds only.
                #expect(gaps.allSatisfy { $0 > DrillCase.wish - .seconds(1) })
            }
            // Who was turned away by a rate limit has not been asked.
            #expect(answer.attempts == (drill.kind == .rateLimited ? 1 : Self.faults + 1))
            try await Self.expectLedger(
                store, requests: Self.faults + 1, failures: Self.faults, drill)
        }
    }

    @Test(arguments: DrillCase.all.filter { $0.kind.advice == .giveUp })
    func `What nobody would do better fails the job at once, fallback or not`(drill: DrillCase) async throws {
        try await run(drill, fallbacks: ["fallback/model"]) { summary, answer, source, store in
            #expect(summary.failed == 1 && summary.requests == 1)
            #expect(answer.error?.kind == drill.kind.rawValue)
            try await Self.expectLedger(store, requests: 1, failures: 1, drill)
        }
    }

    @Test(arguments: DrillCase.all.filter { $0.kind.advice == .fallBack || $0.hasWish })
    func `What another can do sooner or better is asked of the fallback at once`(
        drill: DrillCase
    ) async throws {
        try await run(drill, fallbacks: ["fallback/model"]) { summary, answer, source, store in
            #expect(summary.done == 1 && summary.requests == 2)
            #expect(source.asked.map(\.model) == ["first/model", "fallback/model"])
            let gap = source.asked[1].at.since(source.asked[0].at)
            // The clock goes on while a busy machine works; a breaker's rest is the shortest wait that this tells apart.
            #expect(gap < .seconds(30), "\(gap)")
            #expect(answer.model == "fallback/model")
            try await Self.expectLedger(store, requests: 2, failures: 1, drill)
        }
    }
}

/// Real clients: `first` asks the failing server, then the answering one; every other name the answering one.
final class DrillSource: ProviderSource {
    struct Asked: Sendable {
        var model: String
        var key: String?
        var at: Timestamp
    }

    private let http: HTTPTransport
    private let first: DrillProvider
    private let fallback: DrillProvider

    init(failing: String, answering: String, faults: Int, idle: Duration, clock: SteppingClock) throws {
        let http = HTTPTransport(limits: TimeLimits(firstByte: .seconds(20), idle: idle))
        self.http = http
        func client(_ name: ProviderName, _ url: String) throws -> any Provider {
            try ProviderAccount(
                entry: ProviderEntry(name: name, baseURL: url), key: nil, baseURL: BaseURL(url)
            ).client(http: http, time: clock.time)
        }
        let well = try client("first", answering)
        first = DrillProvider(
            well: well, ill: try client("first", failing), faults: faults, clock: clock)
        fallback = DrillProvider(
            well: try client("fallback", answering), ill: well, faults: 0, clock: clock)
    }

    var asked: [Asked] { (first.asked + fallback.asked).sorted { $0.at < $1.at } }

    func close() async { await http.shutdown() }

    func provider(for model: ModelName) throws -> any Provider {
        model.provider == "first" ? first : fallback
    }

    func unreachable(among models: [ModelName]) async -> [Failure] { [] }
}

/// Asks the ill one so many times, then the well one. No virtual time passes meanwhile.
private final class DrillProvider: Provider {
    private let well: any Provider
    private let ill: any Provider
    private let faults: Int
    private let clock: SteppingClock
    private let log = Mutex<[DrillSource.Asked]>([])

    var name: ProviderName { well.name }
    var asked: [DrillSource.Asked] { log.withLock { $0 } }

    init(well: any Provider, ill: any Provider, faults: Int, clock: SteppingClock) {
        self.well = well
        self.ill = ill
        self.faults = faults
        self.clock = clock
    }

    /// Without its key the ill one cannot give again what it has answered once.
    private func next(_ request: CompletionRequest) -> (any Provider, CompletionRequest) {
        let number = log.withLock { log in
            log.append(
                .init(model: request.model.description, key: request.idempotencyKey, at: clock.now))
            return log.count
        }
        guard number <= faults else { return (well, request) }
        var keyless = request
        keyless.idempotencyKey = nil
        return (ill, keyless)
    }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let (provider, request) = next(request)
        return try await clock.held { () async throws(Failure) -> Completion in
            try await provider.complete(request)
        }
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let (provider, request) = next(request)
        return try await clock.held { () async throws(Failure) -> Completion in
            try await provider.stream(request, onEvent: onEvent)
        }
    }

    func wireBody(of request: CompletionRequest) -> String? { well.wireBody(of: request) }
}
