import ParleyCore

/// Keeps what is spent and what is in the air under a limit.
///
/// A plain value. Each request reserves the most that it could cost before it is sent, and settles to the real cost
/// after; so the sum of both can never pass the limit, whatever the answers turn out to be.
struct BudgetGate: Sendable {
    enum Verdict: Sendable, Hashable {
        case granted
        /// It would fit if what is in the air turned out cheaper than feared: ask again after the next settlement.
        case wait
        /// It will not fit any more.
        case refused
    }

    /// Nil = no limit.
    let limit: Picodollars?
    private(set) var spent: Picodollars
    private(set) var reserved = Picodollars.zero

    init(limit: Picodollars?, spent: Picodollars = .zero) {
        self.limit = limit
        self.spent = spent
    }

    mutating func reserve(_ worstCase: Picodollars) -> Verdict {
        guard let limit else { return .granted }
        if spent + reserved + worstCase <= limit {
            reserved += worstCase
            return .granted
        }
        return reserved > .zero && spent + worstCase <= limit ? .wait : .refused
    }

    /// Puts the real cost in the place of a reservation; zero for a request that was not billed.
    mutating func settle(_ worstCase: Picodollars, cost: Picodollars) {
        if limit != nil { reserved -= worstCase }
        spent += cost
    }
}
