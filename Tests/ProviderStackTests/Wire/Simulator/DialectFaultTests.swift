import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Testing

/// Every fault in every dialect becomes the failure that the policies expect.
@Suite struct DialectFaultTests {
    /// What the clients make of each fault at the first byte, whole and streamed.
    static let kinds: [SimulatedFault: Failure.Kind] = [
        .internalError: .overloaded, .unavailable: .overloaded, .badGateway: .overloaded,
        .overloaded: .overloaded, .conflict: .overloaded, .requestTimeout: .timedOut,
        .unauthorized: .unauthorized, .notFound: .rejected, .rateLimited: .rateLimited,
        .rateLimitedMilliseconds: .rateLimited, .rateLimitedSeconds: .rateLimited,
        .rateLimitedDate: .rateLimited, .quota: .quotaExhausted, .context: .contextTooLong,
        .filter: .contentRefused, .length: .rejected, .empty: .emptyReply, .hangUp: .unreachable,
        .malformed: .malformedReply, .cut: .streamBroken, .stall: .timedOut,
    ]

    /// Where a dialect has no word for it.
    private static func kind(of fault: SimulatedFault, in dialect: Dialect) -> Failure.Kind? {
        switch (dialect, fault) {
        // Ollama knows no filter: such an answer is just empty.
        case (.ollama, .filter): .emptyReply
        // Neither has a code for it, only words, by which no client may decide.
        case (.anthropic, .context), (.ollama, .context): .rejected
        default: kinds[fault]
        }
    }

    private static func settings(_ fault: SimulatedFault, at point: FaultPoint) -> SimulatorSettings {
        SimulatorSettings(
            latency: .zero, errorRate: 1, faults: [fault: 1], faultPoint: point, stall: .seconds(20))
    }

    private static func limits(for fault: SimulatedFault) -> TimeLimits {
        fault == .stall ? TimeLimits(idle: .seconds(1)) : TimeLimits()
    }

    @Test(arguments: Dialect.allCases, SimulatedFault.allCases.filter(\.failsRequest))
    func `Each fault becomes its kind of failure, whole and streamed`(
        dialect: Dialect, fault: SimulatedFault
    ) async throws {
        let kind = try #require(Self.kind(of: fault, in: dialect))
        try await withSimulator(
            in: dialect, Self.settings(fault, at: .first), limits: Self.limits(for: fault)
        ) { client, _ in
            let whole = await failed { () throws(Failure) in try await client.complete(.fixture()) }
            let streamed = await failed { () throws(Failure) in try await client.stream(.fixture()) { _ in } }
            #expect(whole?.kind == kind)
            #expect(streamed?.kind == kind)
            #expect(streamed?.partialText == nil)
        }
    }

    @Test(arguments: Dialect.allCases, [FaultPoint.middle, .last])
    func `A stream that is cut leaves what had come`(dialect: Dialect, point: FaultPoint) async throws {
        try await check(.cut, at: point, in: dialect)
    }

    @Test(arguments: Dialect.allCases, [FaultPoint.middle, .last])
    func `A stream that stalls leaves what had come`(dialect: Dialect, point: FaultPoint) async throws {
        try await check(.stall, at: point, in: dialect)
    }

    @Test(arguments: Dialect.allCases, [FaultPoint.middle, .last])
    func `A stream whose later lines are broken leaves what had come`(
        dialect: Dialect, point: FaultPoint
    ) async throws {
        try await check(.malformed, at: point, in: dialect)
    }

    private func check(_ fault: SimulatedFault, at point: FaultPoint, in dialect: Dialect) async throws {
        try await withSimulator(
            in: dialect, Self.settings(fault, at: point), limits: Self.limits(for: fault)
        ) { client, _ in
            let whole = await failed { () throws(Failure) in try await client.complete(Self.request) }
            let streamed = await failed { () throws(Failure) in try await client.stream(Self.request) { _ in }
            }
            #expect(whole?.kind == Self.kinds[fault])
            #expect(streamed?.kind == (fault == .stall ? .timedOut : .streamBroken))
            let partial = try #require(streamed?.partialText)
            let text = try await Self.text()
            #expect(text.hasPrefix(partial) && (partial == text) == (point == .last))
        }
    }

    /// What the answer would have been.
    private static func text() async throws -> String {
        let provider = SimulatedProvider(settings: SimulatorSettings(latency: .zero))
        return try await provider.complete(request).text
    }

    /// With a limit: a dialect that must send one would send one of its own, and get another answer.
    private static let request = CompletionRequest.fixture(maxTokens: 500)
}
