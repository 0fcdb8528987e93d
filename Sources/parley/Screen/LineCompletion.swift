/// What a Tab comes to.
struct LineCompletion: Sendable, Equatable {
    /// So many characters (Unicode scalars) before the cursor are replaced.
    var replaced = 0
    var inserted = ""
    /// Lines to show below, where nobody can tell which is meant.
    var listing: [String] = []

    /// More candidates are not listed.
    static let listedMax = 60

    init(replaced: Int = 0, inserted: String = "", listing: [String] = []) {
        self.replaced = replaced
        self.inserted = inserted
        self.listing = listing
    }

    /// Takes what all candidates share, and if that is no more than is there already lists them. Nil without candidates.
    ///
    /// - Parameters:
    ///   - word: what is written of it.
    ///   - width: the columns of the screen.
    init?(of word: String, among candidates: [String], width: Int) {
        guard let first = candidates.first else { return nil }
        let shared = candidates.dropFirst().reduce(first) { String($0.commonPrefix(with: $1)) }
        if candidates.count == 1 {
            self.init(
                replaced: word.unicodeScalars.count, inserted: first.hasSuffix("/") ? first : first + " ")
        } else if shared.count > word.count {
            self.init(replaced: word.unicodeScalars.count, inserted: shared)
        } else {
            self.init(listing: Self.columns(candidates, width: width))
        }
    }

    /// Words in columns, read line by line.
    private static func columns(_ words: [String], width: Int) -> [String] {
        let shown = Array(words.prefix(listedMax))
        let widest = shown.map(\.count).max() ?? 0
        let perLine = max(1, width / (widest + 2))
        var lines = stride(from: 0, to: shown.count, by: perLine).map { start in
            var line = shown[start..<min(start + perLine, shown.count)].map { $0.filled(to: widest + 2) }
                .joined()
            while line.last == " " { line.removeLast() }
            return line.cut(to: width)
        }
        if words.count > shown.count { lines.append("and \(words.count - shown.count) more") }
        return lines
    }
}

extension String {
    /// The characters that both begin with.
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }
}
