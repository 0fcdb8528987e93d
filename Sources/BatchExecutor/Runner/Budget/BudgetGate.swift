import ConversationStore
import ParleyCore

/// What a run knows of its budget between two words of the database, and whom it lets pass.
///
/// A plain value. The database has the last word on each request (see ``Store/open(_:within:)``); this keeps those back
/// for whom it is known to have no room, before they take a place among the limits of a provider.
struct BudgetGate: Sendable {
    let limit: Picodollars
    /// The database's latest word.
    private(set) var standing: BudgetStanding
    /// The worst cases of those who have passed and are not in the database's word yet.
    private(set) var promised = Picodollars.zero

    init(limit: Picodollars, standing: BudgetStanding = BudgetStanding()) {
        self.limit = limit
        self.standing = standing
    }

    /// Whether the request may go on to the database. Whoever may must ``withdraw(_:)`` when the database has spoken.
    mutating func pass(_ worstCase: Picodollars) -> BudgetStanding.Verdict {
        var expected = standing
        expected.inAir += promised
        let verdict = expected.verdict(on: worstCase, limit: limit)
        if verdict == .granted { promised += worstCase }
        return verdict
    }

    /// Whoever had passed is in the database's word now, or was turned away, or gave up.
    mutating func withdraw(_ worstCase: Picodollars) { promised -= worstCase }

    /// Takes the database's word, unless a later one has arrived before it.
    mutating func learn(_ word: BudgetStanding) {
        if word.number > standing.number { standing = word }
    }
}
