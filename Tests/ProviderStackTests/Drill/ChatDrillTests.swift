import ParleyCore
import ProviderSimulator
import ProviderStack
import TestKit
import Testing

/// Every failure at the first, a middle and the last byte of an answer, over real sockets, through the composed policies;
/// waits pass on a clock that leaps.
@Suite(.timeLimit(.minutes(2))) struct ChatDrillTests {
    /// What a request through the policies came to.
    private struct Outcome {
        var result: Result<Completion, Failure>
        var events: [CompletionEvent]
        var observed: LogObserver.Log
        var waits: [Duration]
    }

    /// Asks a simulator that always fails so, and then, if it is to be there, one that answers.
    private func ask(_ drill: DrillCase, fallsBack: Bool) async throws -> Outcome {
        let clock = LeapingClock()
        // The server dates its wishes by the same clock, and stalls by the real one.
        let serverTime = TimeSource(now: { clock.now }, sleep: { try await Task.sleep(for: $0) })
        return try await withSimulatorServer(drill.settings, time: serverTime) { failing in
            try await withSimulatorServer(SimulatorSettings(latency: .zero)) { answering in
                let http = HTTPTransport(limits: TimeLimits(firstByte: .seconds(20), idle: drill.idle))
                let observer = LogObserver()
                let board = PolicyBoard(time: clock.time, random: SharedRandom(LowRandom()))
                func candidate(_ name: ProviderName, _ url: String) throws -> PolicyStack.Candidate {
                    let account = try ProviderAccount(
                        entry: ProviderEntry(name: name, baseURL: url), key: Secret(testKey),
                        baseURL: BaseURL(url))
                    return .init(
                        model: ModelName(provider: name, model: "model"), account: account.accountName,
                        client: Keyless(inner: account.client(http: http, time: clock.time)))
                }
                let candidates = [
                    try candidate("first", failing), try candidate("second", answering),
                ]
                let provider = PolicyStack.compose(
                    Array(candidates.prefix(fallsBack ? 2 : 1)), board: board, observer: observer)
                let events = StackBench.Events()
                let request = CompletionRequest.fixture(messages: [.user("What is the capital of France?")])
                let result = await result { () async throws(Failure) -> Completion in
                    drill.streams
                        ? try await provider.stream(request) { events.add($0) }
                        : try await provider.complete(request)
                }
                await http.shutdown()
                return Outcome(
                    result: result, events: events.all, observed: observer.heard, waits: clock.waits)
            }
        }
    }

    private func text(of events: [CompletionEvent]) -> String {
        events.reduce(into: "") { if case .text(let piece) = $1 { $0 += piece } }
    }

    @Test(arguments: DrillCase.all)
    func `Without a fallback: the right kind, number of attempts and waits, and a complete ledger`(
        drill: DrillCase
    ) async throws {
        let outcome = try await ask(drill, fallsBack: false)
        let failure = try #require(outcome.result.failure)
        let kinds = outcome.observed.ended.compactMap { $0.result.failure?.kind }
        #expect(kinds == [Failure.Kind](repeating: drill.kind, count: drill.attempts))
        #expect(failure.kind == (drill.attempts == 5 ? .circuitOpen : drill.kind), "\(failure)")
        #expect(failure.message.contains(testKey) == false)

        #expect(outcome.observed.sent.count == outcome.observed.ended.count)
        #expect(Set(outcome.observed.sent.map(\.request.idempotencyKey)).count == 1)
        #expect(outcome.observed.ended.allSatisfy { $0.wireBody?.contains("capital of France") == true })

        let retries = outcome.waits.prefix(drill.attempts - 1)
        switch drill.kind {
        case .rateLimited where drill.hasWish:
            // A date has whole seconds only.
            #expect(
                retries.allSatisfy { $0 > DrillCase.wish - .seconds(1) && $0 <= DrillCase.wish + .seconds(1) }
            )
        case .emptyReply: #expect(retries.allSatisfy { $0 == .seconds(1) })
        default: #expect(retries.allSatisfy { $0 == .zero })
        }
        #expect(outcome.waits.count == (drill.attempts == 5 ? 5 : drill.attempts - 1))
    }

    @Test(arguments: DrillCase.all)
    func `With a fallback: who may not be mended silently is not, who should be is`(
        drill: DrillCase
    ) async throws {
        let outcome = try await ask(drill, fallsBack: true)
        let asked = outcome.observed.sent.map(\.request.model.provider)
        if drill.hasSpoken || drill.kind.advice == .giveUp {
            #expect(outcome.result.failure?.kind == drill.kind)
            #expect(asked == ["first"])
        } else {
            #expect(outcome.result.text?.contains("Paris") == true)
            // A wish is longer than the fallback needs.
            let attempts = drill.hasWish ? 1 : drill.attempts
            #expect(asked == [ProviderName](repeating: "first", count: attempts) + ["second"])
        }
        if drill.hasSpoken {
            let heard = text(of: outcome.events)
            #expect(!heard.isEmpty && outcome.result.failure?.partialText == heard)
        } else if drill.streams, let answer = outcome.result.text {
            #expect(text(of: outcome.events) == answer)
        }
        #expect(outcome.observed.sent.count == outcome.observed.ended.count)
    }
}

/// Sends no idempotency key, so that the simulator cannot give again what it has answered once.
private struct Keyless: Provider {
    let inner: any Provider
    var name: ProviderName { inner.name }

    func wireBody(of request: CompletionRequest) -> String? { inner.wireBody(of: request) }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        try await inner.complete(without(request))
    }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        try await inner.stream(without(request), onEvent: onEvent)
    }

    private func without(_ request: CompletionRequest) -> CompletionRequest {
        var request = request
        request.idempotencyKey = nil
        return request
    }
}
