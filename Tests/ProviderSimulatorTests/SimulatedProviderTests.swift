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

    @Test(arguments: [
        (SimulatedFault.internalError, Failure.Kind.overloaded), (.unavailable, .overloaded),
        (.empty, .emptyReply),
        (.malformed, .malformedReply), (.cut, .streamBroken), (.stall, .timedOut),
    ])
    func `A fault is the failure that a client would make of it`(fault: SimulatedFault, kind: Failure.Kind)
        async
    {
        let settings = SimulatorSettings(errorRate: 1, faults: [fault: 1])
        let provider = SimulatedProvider(
            settings: settings, time: TimeSource(now: { .start }, sleep: { _ in }))
        await #expect { try await provider.complete(.fixture("Hello?")) } throws: {
            ($0 as? Failure)?.kind == kind
        }
        await #expect {
            try await provider.stream(.fixture("Hello?")) { _ in }
        } throws: {
            ($0 as? Failure)?.kind == kind && ($0 as? Failure)?.provider == "simulator"
        }
    }

    @Test func `A cancelled task gets a cancelled failure`() async {
        let provider = SimulatedProvider(settings: SimulatorSettings(latency: .seconds(600)))
        let task = Task { try await provider.complete(.fixture("Hello?")) }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? Failure)?.kind == .cancelled }
    }
}
