public import ParleyCore

/// A request in the air, as the limits see it.
public struct Flight: Sendable, Hashable {
    public let sentAt: Timestamp
    /// Under which limit of concurrency it was sent; see ``AdaptiveConcurrency``.
    public let epoch: Int
    /// Under which pace it got its place; see ``AdaptivePace``.
    public let paceEpoch: Int
    let tokens: TokensInAir
}

// What is found out by sending, where the provider tells no limit.
extension LimitBook {
    /// How a request ended, as far as the limits are concerned.
    public enum Landing: Sendable, Hashable {
        /// The provider took it, whatever it made of it.
        case taken
        /// It came too soon, or with too many others.
        case refused
        /// It was not sent after all, or nothing was heard of it.
        case untold
    }

    /// How many more may be sent at once just now; at least 1 if none is in the air.
    public func room(of name: LimiterName) -> Int {
        guard let lane = lanes[name] else { return AdaptiveConcurrency.start }
        return lane.concurrencyMax - lane.inAir
    }

    /// Lets more into the air where it is time to try that; gives the moment at which it will be.
    public mutating func ripen(_ name: LimiterName, at now: Timestamp) -> Timestamp? {
        lanes[name]?.concurrency.ripen(at: now)
        return lanes[name]?.concurrency.ripensAt
    }

    /// The most requests that may be in the air at once, if that has been found out or has to be.
    public func concurrencyMax(of name: LimiterName) -> Int? {
        let limit = lanes[name]?.concurrencyMax ?? AdaptiveConcurrency.start
        return limit == .max ? nil : limit
    }

    /// A request is sent; `hasWaited` when the pace made it wait. It must be followed by ``land(_:of:_:at:)``.
    ///
    /// - Parameters:
    ///   - demand: what it may take at most.
    ///   - place: what was taken for it.
    public mutating func send(
        _ name: LimiterName, _ demand: LimitDemand = LimitDemand(inputTokens: 0),
        place: TokenBucket.Reservation? = nil, hasWaited: Bool = false, at now: Timestamp
    ) -> Flight {
        withLane(name) { lane in
            let output = max(demand.outputTokens ?? 0, place?.outputTokens ?? 0)
            let tokens = TokensInAir(
                input: demand.inputTokens, output: output, open: output - (place?.outputTokens ?? output))
            lane.inAir += 1
            lane.tokens = lane.tokens + tokens
            if lane.isUnknown {
                lane.pace.sent(at: now, hasWaited: hasWaited, learnt: lane.bucket.state.learnt)
            }
            lane.concurrency.sent(inAir: lane.inAir, at: now)
            return Flight(
                sentAt: now, epoch: lane.concurrency.epoch, paceEpoch: lane.pace.epoch, tokens: tokens)
        }
    }

    public mutating func land(_ flight: Flight, of name: LimiterName, _ landing: Landing, at now: Timestamp) {
        withLane(name) { lane in
            lane.inAir -= 1
            lane.tokens = lane.tokens - flight.tokens
            guard landing != .untold else { return }
            if landing == .refused { lane.reservesWholeUntil = now + Self.wholeAfterRefusal }
            lane.concurrency.ended(epoch: flight.epoch, isRefused: landing == .refused)
            guard lane.isUnknown else { return }
            let learnt = lane.bucket.state.learnt
            if landing == .refused {
                lane.bucket.learn(
                    lane.pace.refused(
                        epoch: flight.paceEpoch, isAlone: lane.inAir == 0, at: now, learnt: learnt))
            } else {
                lane.bucket.learn(lane.pace.answered(sentAt: flight.sentAt, at: now, learnt: learnt))
            }
        }
    }

    /// Whether the place of a request is no longer worth anything, because the pace was lowered since.
    public func isOutdated(_ flight: Flight, of name: LimiterName) -> Bool {
        lanes[name].map { $0.pace.epoch != flight.paceEpoch } ?? false
    }

    /// Whether somebody may have to wait for a place in the provider's time.
    public func isPaced(_ name: LimiterName) -> Bool {
        lanes[name]?.bucket.isPaced ?? TokenBucket(limits: own).isPaced
    }

    /// Nanoseconds from the start of one request to the next that the provider bears; nil where no limit is known.
    public func startDistance(of name: LimiterName) -> Double? {
        lanes[name]?.bucket.startDistance
    }

    private mutating func withLane<Value>(_ name: LimiterName, _ body: (inout Lane) -> Value) -> Value {
        body(&lanes[name, default: Lane(bucket: TokenBucket(limits: own))])
    }
}

extension LimitBook.Lane {
    /// Neither the user nor the provider has said how many requests a minute there may be.
    var isUnknown: Bool { bucket.limits.requests == nil }

    /// A told limit is believed until refusals show that there is another one.
    var concurrencyMax: Int {
        isUnknown || !concurrency.isInSlowStart ? concurrency.limit : .max
    }
}
