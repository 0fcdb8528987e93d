public import ParleyCore
public import ProviderSimulator

/// One failure of an answer: what strikes, where, and in which way the answer was asked for.
public struct DrillCase: Sendable, CustomStringConvertible {
    public var fault: SimulatedFault
    public var point: FaultPoint
    public var streams: Bool

    public init(fault: SimulatedFault, point: FaultPoint, streams: Bool) {
        self.fault = fault
        self.point = point
        self.streams = streams
    }

    public var description: String { "\(fault.rawValue) \(point.rawValue) \(streams ? "streamed" : "whole")" }

    /// What strikes an answer's body strikes at its first, a middle and its last byte; all else once.
    public static let all = SimulatedFault.allCases.filter(\.failsRequest).flatMap { fault in
        (fault.strikesBody ? FaultPoint.allCases : [.first]).flatMap { point in
            [false, true].map { DrillCase(fault: fault, point: point, streams: $0) }
        }
    }

    /// How long a rate limit among the faults asks to be left alone.
    public static let wish = Duration.seconds(3)

    /// How long a silent body is waited for: short where silence is the fault, longer than any pause of a busy machine elsewhere.
    public var idle: Duration { fault == .stall ? .seconds(1) : .seconds(20) }

    /// The simulator's settings in which every request meets the fault.
    public var settings: SimulatorSettings {
        var settings = SimulatorSettings(latency: .zero, errorRate: 1, faults: [fault: 1])
        settings.faultPoint = point
        settings.faultRetryAfter = Self.wish
        return settings
    }

    /// The kind that the fault must be taken for: the only table of this drill.
    public var kind: Failure.Kind {
        switch fault {
        case .internalError, .unavailable, .badGateway, .overloaded, .conflict: .overloaded
        case .requestTimeout, .stall: .timedOut
        case .hangUp: .unreachable
        case .cut: .streamBroken
        // Lines that cannot be read are skipped: what is missing in the end is the end.
        case .malformed: streams && point != .first ? .streamBroken : .malformedReply
        case .empty: .emptyReply
        case .rateLimited, .rateLimitedMilliseconds, .rateLimitedSeconds, .rateLimitedDate: .rateLimited
        case .quota: .quotaExhausted
        case .unauthorized: .unauthorized
        case .context: .contextTooLong
        case .filter: .contentRefused
        case .length, .notFound: .rejected
        case .invalid: .invalidAnswer
        }
    }

    /// Whether text has reached the consumer before it strikes.
    public var hasSpoken: Bool { streams && fault.strikesBody && point != .first }

    /// Whether the failure says how long to wait.
    public var hasWish: Bool {
        switch fault {
        case .rateLimitedMilliseconds, .rateLimitedSeconds, .rateLimitedDate: true
        default: false
        }
    }

    /// How often a provider that goes on failing so is asked, by one request without a fallback.
    public var attempts: Int {
        if hasSpoken || kind.advice != .retry { return 1 }
        return switch kind {
        case .rateLimited: 11
        case .emptyReply: 4
        // The fifth failure in a row opens the breaker.
        default: 5
        }
    }
}
