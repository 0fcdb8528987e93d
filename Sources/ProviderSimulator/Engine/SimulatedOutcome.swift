public import ParleyCore

/// What the simulator makes of one request.
public enum SimulatedOutcome: Sendable, Hashable {
    case answered(SimulatedAnswer)
    case refused(SimulatedRefusal)
}

/// An answer, how long it takes, and what goes wrong on its way.
public struct SimulatedAnswer: Sendable, Hashable {
    public var completion: Completion
    /// What the ids of the exchange are made of.
    public var id: String
    /// The text in the pieces in which a stream brings it.
    public var pieces: [String]
    public var latency: Duration
    /// From the request to the first piece of a stream.
    public var firstToken: Duration
    /// One of the faults that strike an answer; nil = nothing.
    public var fault: SimulatedFault?
    /// The stop sequence that ended it.
    public var stopSequence: String?
    /// Whose cache it was counted with.
    public var flavour: CacheFlavour
}

extension SimulatedFault {
    /// Whether it strikes the answer's body at a ``FaultPoint``.
    public var strikesBody: Bool {
        switch self {
        case .malformed, .cut, .stall: true
        default: false
        }
    }

    /// Whether a client sees a failure; else it gets an answer that is no good.
    public var failsRequest: Bool { self != .invalid }

    /// Whether it leaves the answer without text, although its status is 200.
    public var takesText: Bool {
        switch self {
        case .empty, .filter, .length: true
        default: false
        }
    }
}
