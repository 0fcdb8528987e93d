/// Where something stands in a text, for people: both counted from 1, columns in characters.
public struct TextPlace: Sendable, Hashable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(of index: String.Index, in text: some StringProtocol) {
        let before = text[..<index]
        let start = before.lastIndex(where: \.isNewline).map(before.index(after:)) ?? before.startIndex
        self.init(
            line: before.count { $0.isNewline } + 1, column: before.distance(from: start, to: index) + 1)
    }
}
