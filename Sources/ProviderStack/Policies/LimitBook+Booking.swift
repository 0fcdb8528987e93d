public import ParleyCore

/// What a request takes of a limit, before it is sent.
public struct LimitDemand: Sendable, Hashable {
    /// The estimate.
    public var inputTokens: Int
    /// The most that the answer may have; nil where the request names no limit.
    public var outputTokens: Int?

    public init(inputTokens: Int, outputTokens: Int? = nil) {
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
    }
}

/// Places in the time of several limiters, each limiter's in the order of its requests.
public typealias LimitPlaces = [LimiterName: [TokenBucket.Reservation]]

// Places that no other process takes.
extension LimitBook {
    /// Takes places for waiting requests out of what is kept, to be called within an exchange
    /// (``PolicyMemory/exchange(_:at:_:)``).
    ///
    /// Only places that begin within `horizon` are taken: what is further off stays free for whoever comes, a pause strands
    /// few of them, and the processes that share a limit take turns by the horizon. The requests after the last place
    /// that was given have to ask again.
    public func booking(
        _ orders: [LimiterName: [LimitDemand]], at now: Timestamp, within horizon: Duration
    ) -> @Sendable (inout PolicyStates) -> LimitPlaces {
        let own = own
        let outputs = orders.reduce(into: [:]) { outputs, order in
            outputs[order.key] = order.value.map {
                outputTokens(of: order.key, max: $0.outputTokens, at: now)
            }
        }
        return { states in
            var places: LimitPlaces = [:]
            for (name, demands) in orders {
                guard var state = states.limiters[name] else { continue }
                state.limitReserve(to: now + Self.reservedAheadMax)
                var bucket = TokenBucket(limits: own.filled(from: state.told), state: state)
                for (demand, output) in zip(demands, outputs[name, default: []]) {
                    guard bucket.expectedWait(at: now) <= horizon else { break }
                    places[name, default: []].append(
                        bucket.reserve(inputTokens: demand.inputTokens, outputTokens: output, at: now))
                }
                if places[name] != nil { states.limiters[name] = bucket.state }
            }
            return places
        }
    }

    /// The same without the others, for as long as the memory cannot be reached.
    public mutating func bookAlone(
        _ orders: [LimiterName: [LimitDemand]], at now: Timestamp, within horizon: Duration
    ) -> LimitPlaces {
        var states = PolicyStates(limiters: lanes.mapValues(\.bucket.state))
        let places = booking(orders, at: now, within: horizon)(&states)
        for name in places.keys {
            if let state = states.limiters[name] { withLimiter(name) { $0.setState(state) } }
        }
        return places
    }
}

extension PolicyNotes {
    /// Those of some limiters only.
    public func of(_ names: [LimiterName]) -> PolicyNotes {
        PolicyNotes(limiters: limiters.filter { names.contains($0.key) })
    }
}
