import ParleyCore
import ProviderStack
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()

    @Test func `The wait doubles and is drawn from zero to its ceiling`() {
        var random = FixedRandom(state: 1)
        for attempt in 1...6 {
            let waits = (0..<200).compactMap { _ in
                policy.delay(after: .fixture(.overloaded), attempt: attempt, random: &random)
            }
            let ceiling = Duration.seconds(2 << (attempt - 1))
            #expect(waits.count == 200)
            #expect(waits.allSatisfy { $0 >= .zero && $0 <= ceiling })
            #expect(waits.contains { $0 > ceiling / 2 })
        }
    }

    @Test func `No wait is longer than the cap`() {
        var random = FixedRandom(state: 2)
        for attempt in 6...10 {
            let wait = policy.delay(after: .fixture(.rateLimited), attempt: attempt, random: &random)
            #expect(wait.map { $0 <= .seconds(120) } == true)
        }
    }

    @Test func `The server's wish goes before the policy's`() {
        #expect(delay(.fixture(.rateLimited, retryAfter: .seconds(17)), attempt: 1) == .seconds(17))
    }

    @Test func `A wish over the cap means not here`() {
        #expect(delay(.fixture(.rateLimited, retryAfter: .seconds(121)), attempt: 1) == nil)
    }

    @Test(arguments: [
        (Failure.Kind.rateLimited, 10), (.emptyReply, 3), (.overloaded, 6), (.unreachable, 6), (.timedOut, 6),
        (.malformedReply, 6), (.streamBroken, 6), (.quotaExhausted, 0), (.unauthorized, 0),
        (.contextTooLong, 0),
        (.contentRefused, 0), (.rejected, 0), (.cancelled, 0), (.circuitOpen, 0), (.budgetReached, 0),
    ])
    func `Each kind has its number of retries`(kind: Failure.Kind, retries: Int) {
        #expect(policy.retriesMax(after: kind) == retries)
        if retries > 0 { #expect(delay(.fixture(kind), attempt: retries) != nil) }
        #expect(delay(.fixture(kind), attempt: retries + 1) == nil)
    }

    @Test func `A request's own number of retries stands for the policy's`() {
        var random = FixedRandom(state: 3)
        let failure = Failure.fixture(.overloaded)
        #expect(policy.delay(after: failure, attempt: 1, retriesMax: 0, random: &random) == nil)
        #expect(policy.delay(after: failure, attempt: 20, retriesMax: 20, random: &random) != nil)
    }

    @Test func `An empty answer is asked for again after a second`() {
        #expect(delay(.fixture(.emptyReply), attempt: 1) == .seconds(1))
    }

    private func delay(_ failure: Failure, attempt: Int) -> Duration? {
        var random = FixedRandom(state: 9)
        return policy.delay(after: failure, attempt: attempt, random: &random)
    }
}

extension Failure {
    static func fixture(_ kind: Kind, retryAfter: Duration? = nil) -> Failure {
        Failure(kind: kind, provider: "openai", message: "no", retryAfter: retryAfter)
    }
}
