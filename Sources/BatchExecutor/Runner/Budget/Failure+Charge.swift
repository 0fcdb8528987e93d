import ParleyCore

extension Failure {
    /// Whether the provider may charge more for the request than ``usage`` says.
    ///
    /// Providers charge for what they have processed, not for what has arrived. Who did not see the end of an answer
    /// does not know how long it was. A refusal before any work costs nothing; one by a filter may (Azure charges for prompt
    /// and answer).
    var mayCostMore: Bool {
        if isUnsent { return false }
        switch kind {
        case .timedOut, .streamBroken, .cancelled, .unreachable: return true
        case .malformedReply, .emptyReply, .invalidAnswer, .contentRefused: return usage == nil
        case .rejected: return usage == nil && status == 200
        // A gateway that gave up waiting: whoever stands behind it may have gone on.
        case .overloaded: return usage == nil && (status == 504 || status == 524)
        case .rateLimited, .quotaExhausted, .unauthorized, .contextTooLong, .circuitOpen, .budgetReached:
            return false
        }
    }

    /// The most that may be charged beyond `cost`, which the usage tells; nil for nothing.
    func mayCost(upTo worstCase: Picodollars, beyond cost: Picodollars?) -> Picodollars? {
        let isUnpriced = usage != nil && cost == nil
        guard mayCostMore || isUnpriced else { return nil }
        let rest = worstCase - (cost ?? .zero)
        return rest > .zero ? rest : nil
    }
}
