import ParleyCore
import ProviderSimulator
import Synchronization
import Testing

@Suite struct SimulatedProviderTests {
    @Test func `It waits with the clock that it is given`() async throws {
        let slept = Mutex(Duration.zero)
        let time = TimeSource(now: { .start }, sleep: { time in slept.withLock { $0 += time } })
        let settings = SimulatorSettings(latency: .seconds(40), latencyJitter: 0)
        let provider = SimulatedProvider(settings: settings, time: time)
        _ = try await provider.complete(.fixture("Hello?"))
        #expect(slept.withLock { $0 } == .seconds(40))
    }

    @Test func `A stream brings the whole answer in pieces`() async throws {
        let time = TimeSource(now: { .start }, sleep: { _ in })
        let provider = SimulatedProvider(time: time)
        let sum = Mutex(CompletionAccumulator())
        let completion = try await provider.stream(.fixture("Hello?")) { event in
            sum.withLock { $0.add(event) }
        }
        #expect(sum.withLock { $0.completion(model: "any", requestID: completion.requestID) } == completion)
        let whole = try await provider.complete(.fixture("Hello?"))
        #expect(whole == completion)
    }

    private static func failing(by fault: SimulatedFault, at point: FaultPoint = .middle) -> SimulatedProvider
    {
        let settings = SimulatorSettings(errorRate: 1, faults: [fault: 1], faultPoint: point)
        return SimulatedProvider(settings: settings, time: TimeSource(now: { .start }, sleep: { _ in }))
    }

    @Test(arguments: [
        (SimulatedFault.internalError, Failure.Kind.overloaded), (.unavailable, .overloaded),
        (.badGateway, .overloaded), (.overloaded, .overloaded), (.conflict, .overloaded),
        (.requestTimeout, .timedOut), (.unauthorized, .unauthorized), (.notFound, .rejected),
        (.rateLimited, .rateLimited), (.rateLimitedMilliseconds, .rateLimited),
        (.rateLimitedSeconds, .rateLimited), (.rateLimitedDate, .rateLimited), (.quota, .quotaExhausted),
        (.context, .contextTooLong), (.filter, .contentRefused), (.length, .rejected),
        (.empty, .emptyReply), (.hangUp, .unreachable), (.malformed, .malformedReply), (.cut, .streamBroken),
        (.stall, .timedOut),
    ])
    func `A fault is the failure that a client would make of it`(fault: SimulatedFault, kind: Failure.Kind)
        async
    {
        let provider = Self.failing(by: fault, at: .first)
        let whole = await failed { () throws(Failure) in try await provider.complete(.fixture("Hello?")) }
        let streamed = await failed { () throws(Failure) in
            try await provider.stream(.fixture("Hello?")) { _ in }
        }
        #expect(whole?.kind == kind && whole?.provider == "simulator")
        #expect(streamed?.kind == kind && streamed?.partialText == nil)
    }

    @Test(arguments: [SimulatedFault.cut, .stall, .malformed])
    func `A stream that breaks later leaves what had come`(fault: SimulatedFault) async throws {
        let whole = try await SimulatedProvider(settings: SimulatorSettings(latency: .zero))
            .complete(.fixture("Hello?")).text
        let middle = await failed { () throws(Failure) in
            try await Self.failing(by: fault).stream(.fixture("Hello?")) { _ in }
        }
        let last = await failed { () throws(Failure) in
            try await Self.failing(by: fault, at: .last).stream(.fixture("Hello?")) { _ in }
        }
        let part = try #require(middle?.partialText)
        #expect(whole.hasPrefix(part) && part != whole && last?.partialText == whole)
        #expect(middle?.kind == (fault == .stall ? .timedOut : .streamBroken) && last?.kind == middle?.kind)
    }

    @Test func `A rate limit asks for the time that it was told to`() async {
        var settings = SimulatorSettings(errorRate: 1, faults: [.rateLimitedDate: 1])
        settings.faultRetryAfter = .seconds(90)
        let provider = SimulatedProvider(settings: settings)
        let failure = await failed { () throws(Failure) in try await provider.complete(.fixture("Hello?")) }
        #expect(failure?.retryAfter == .seconds(90) && failure?.status == 429)
        let silent = await failed { () throws(Failure) in
            try await Self.failing(by: .rateLimited).complete(.fixture("Hello?"))
        }
        #expect(silent?.kind == .rateLimited && silent?.retryAfter == nil)
    }

    @Test func `A cancelled task gets a cancelled failure`() async {
        let provider = SimulatedProvider(settings: SimulatorSettings(latency: .seconds(600)))
        let task = Task { try await provider.complete(.fixture("Hello?")) }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? Failure)?.kind == .cancelled }
    }
}

/// What a call failed with; nil when it did not.
private func failed(_ call: () async throws(Failure) -> Completion) async -> Failure? {
    do throws(Failure) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}
