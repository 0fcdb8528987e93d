import ConversationStore
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

@Suite struct JobFateTests {
    private let now = Timestamp(milliseconds: 1_000_000)

    private static func chain(_ count: Int) -> FallbackChain {
        let models = (1...count).map { ModelName(provider: "p", model: "\($0)") }
        return FallbackChain(models[0], fallbacks: Array(models.dropFirst()))
    }

    private func next(
        _ kind: Failure.Kind, attempts: Int = 1, candidate: Int = 0, candidates: Int = 1,
        retryAfter: Duration? = nil, code: String? = nil, invalid: Int = 0, schemaRetriesMax: Int = 1
    ) -> Settlement.NextStep {
        let fate = JobFate(
            retryPolicy: RetryPolicy(), chain: Self.chain(candidates), attemptsMax: 10,
            schemaRetriesMax: schemaRetriesMax)
        var random = SeededRandom(seed: 3)
        let failure = Failure(
            kind: kind, provider: "p", code: code, message: "no", retryAfter: retryAfter)
        return fate.next(
            after: failure, attempts: attempts, invalid: invalid, candidate: candidate, at: now,
            random: &random)
    }

    @Test(arguments: [Failure.Kind.rejected, .contentRefused])
    func `What nobody would answer fails at once, fallbacks or not`(kind: Failure.Kind) {
        #expect(next(kind, candidates: 3) == .fail)
    }

    @Test(arguments: [
        Failure.Kind.overloaded, .unreachable, .timedOut, .malformedReply, .streamBroken,
    ])
    func `What passes is asked again later, of the same model`(kind: Failure.Kind) {
        guard case .retry(let due, let candidate) = next(kind) else {
            Issue.record("\(kind) is not retried")
            return
        }
        #expect(candidate == 0)
        #expect(due >= now)
    }

    @Test func `Whom a rate limit turned away comes back after the wish, spread, and loses no attempt`() {
        guard case .release(let due) = next(.rateLimited, attempts: 10, retryAfter: .seconds(7)) else {
            Issue.record("not released")
            return
        }
        #expect(due >= now + .seconds(7))
        #expect(due <= now + .seconds(7) + WakeSpread.widthMin)
    }

    @Test func `A wish beyond the cap without another model leaves the job waiting`() {
        #expect(next(.rateLimited, retryAfter: .seconds(3600)) == .release(at: now))
    }

    @Test func `A wish beyond the cap goes to the next model`() {
        #expect(
            next(.rateLimited, candidates: 2, retryAfter: .seconds(3600)) == .retry(at: now, candidate: 1))
    }

    @Test func `The last attempt that is allowed is the last`() {
        #expect(next(.overloaded, attempts: 10) == .fail)
    }

    @Test(arguments: [Failure.Kind.quotaExhausted, .unauthorized, .contextTooLong])
    func `What this provider cannot do, the next one is asked`(kind: Failure.Kind) {
        #expect(next(kind, candidates: 2) == .retry(at: now, candidate: 1))
    }

    @Test(arguments: [Failure.Kind.quotaExhausted, .unauthorized])
    func `A provider's own trouble does not cost the job its life`(kind: Failure.Kind) {
        #expect(next(kind) == .release(at: now))
        #expect(next(kind, candidate: 1, candidates: 2) == .release(at: now))
    }

    @Test(arguments: [(0, 0), (1, 1), (2, 2)])
    func `After an invalid answer the same model is asked at once, as often as is allowed`(
        retriesMax: Int, retries: Int
    ) {
        let steps = (1...4).map {
            next(
                .invalidAnswer, attempts: $0, candidate: 1, candidates: 3, invalid: $0,
                schemaRetriesMax: retriesMax)
        }
        #expect(steps.prefix { $0 == .retry(at: now, candidate: 1) }.count == retries)
        #expect(steps.last == .fail)
    }

    @Test func `An answer that was cut off is not asked for again`() {
        #expect(next(.invalidAnswer, code: "length", invalid: 1) == .fail)
    }

    @Test func `An invalid answer is one of the job's attempts`() {
        #expect(next(.invalidAnswer, attempts: 10, invalid: 1) == .fail)
    }

    @Test func `Invalid answers and failures of the network leave each other their retries`() {
        #expect(next(.invalidAnswer, attempts: 8, invalid: 1) == .retry(at: now, candidate: 0))
        guard case .retry = next(.overloaded, attempts: 8, invalid: 2) else {
            Issue.record("invalid answers count as failures of the network")
            return
        }
        #expect(next(.overloaded, attempts: 8) == .fail)
    }

    @Test func `A conversation too long for every model fails`() {
        #expect(next(.contextTooLong, candidate: 1, candidates: 2) == .fail)
    }
}
