import ParleyCore

/// The beginning of an answer and its continuation, put together.
///
/// A plain value: `AnswerJoin(beginning).whole(rest)`.
struct AnswerJoin: Sendable, Hashable {
    /// Fewer characters at the seam may repeat by chance.
    static let overlapMin = 16
    /// So many of them are letters or digits: the line of a table, or blanks before code, are repeated for good.
    static let wordsMin = 12
    /// So far back a repetition is looked for.
    static let overlapMax = 2000

    let beginning: String

    init(_ beginning: String) { self.beginning = beginning }

    /// Some providers give the beginning back with the rest, and models that are asked for the rest repeat the last words:
    /// neither stands there twice.
    func whole(_ rest: String) -> String {
        guard !beginning.isEmpty else { return rest }
        if rest.hasPrefix(beginning) { return rest }
        return beginning + rest.dropFirst(overlap(with: rest))
    }

    /// How many characters of the rest repeat the end of the beginning.
    private func overlap(with rest: String) -> Int {
        let tail = Array(beginning.suffix(Self.overlapMax))
        let head = Array(rest.prefix(Self.overlapMax))
        let longest = min(tail.count, head.count)
        guard longest >= Self.overlapMin else { return 0 }
        let overlap = stride(from: longest, through: Self.overlapMin, by: -1)
            .first { tail.suffix($0) == head.prefix($0) }
        guard let overlap, head.prefix(overlap).count(where: { $0.isLetter || $0.isNumber }) >= Self.wordsMin
        else { return 0 }
        return overlap
    }
}
