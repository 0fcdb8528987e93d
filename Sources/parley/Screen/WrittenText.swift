/// The rules for a message in several lines, the same for every way of reading it.
///
/// A backslash at the end of a line goes on with the next one. A message whose first line is `"""` goes on until a line `"""`.
/// Neither holds inside a text: what is pasted keeps its backslashes and quotes.
enum WrittenText {
    static let mark = "\"\"\""

    /// How many characters at the end an Enter there replaces by a new line; nil when the text is whole.
    static func goesOn(_ text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if isMark(lines.first) { return lines.count > 1 && isMark(lines.last) ? nil : 0 }
        let backslashes = text.reversed().prefix { $0 == "\\" }.count
        return backslashes.isMultiple(of: 2) ? nil : 1
    }

    /// The message without its marks; line ends at its end are left out.
    static func message(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        if isMark(lines.first) {
            lines = lines.dropFirst()
            if isMark(lines.last) { lines = lines.dropLast() }
        }
        while lines.last?.isEmpty == true { lines = lines.dropLast() }
        return lines.joined(separator: "\n")
    }

    private static func isMark(_ line: Substring?) -> Bool {
        guard let line, let first = line.firstIndex(where: { !$0.isWhitespace }) else { return false }
        let end = line.lastIndex { !$0.isWhitespace } ?? first
        return line[first...end] == mark
    }
}
