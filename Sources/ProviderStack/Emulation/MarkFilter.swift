import ParleyCore

/// Lets the words of a streamed answer through up to the first mark of a textual call.
///
/// What may be the beginning of a mark, and white space that may stand before one, is held until more has come. From a
/// mark on everything is held: the whole answer shows what it was.
struct MarkFilter: Sendable {
    private var held = ""
    private var hasMark = false

    /// What of this piece can be shown.
    mutating func read(_ piece: String) -> String {
        held += piece
        guard !hasMark else { return "" }
        var end = held.endIndex
        if let (_, mark) = TextualCalls.firstMark(in: held[...]) {
            hasMark = true
            end = mark.lowerBound
        } else if let start = Self.possibleMark(in: held) {
            end = start
        }
        let words = held[..<end]
        let last = words.lastIndex { !$0.isWhitespace }
        let shown = last.map { String(words[...$0]) } ?? ""
        held.removeSubrange(..<held.utf8.index(held.startIndex, offsetBy: shown.utf8.count))
        return shown
    }

    /// Where the text's end could be the beginning of a mark.
    private static func possibleMark(in text: String) -> String.Index? {
        guard let start = text.utf8.suffix(marksBytesMax).lastIndex(of: UInt8(ascii: "<")) else { return nil }
        let tail = text.utf8[start...]
        return CallMark.all.contains { $0.open.utf8.starts(with: tail) } ? start : nil
    }

    private static let marksBytesMax = 24
}
