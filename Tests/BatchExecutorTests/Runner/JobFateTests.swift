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
        retryAfter: Duration? = nil
    ) -> Settlement.NextStep {
        let fate = JobFate(retryPolicy: RetryPolicy(), chain: Self.chain(candidates), attemptsMax: 10)
        var random = SeededRandom(seed: 3)
        let failure = Failure(kind: kind, provider: "p", message: "no", retryAfter: retryAfter)
        return fate.next(after: failure, attempts: attempts, candidate: candidate, at: now, random: &random)
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

    @Test func `A conversation too long for every model fails`() {
        #expect(next(.contextTooLong, candidate: 1, candidates: 2) == .fail)
    }
}
