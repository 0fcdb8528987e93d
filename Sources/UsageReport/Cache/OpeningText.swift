/// The first words of a beginning, for a column.
public enum OpeningText {
    public static let lengthMax = 32
    /// So many characters are enough to make it of, if there is not much white space.
    public static let charactersRead = 120

    /// On one line, without control characters, at most ``lengthMax`` characters long.
    public static func short(_ text: String) -> String {
        var words = ""
        for character in text {
            if character.isWhitespace || character.unicodeScalars.contains(where: isControl) {
                if !words.isEmpty, words.last != " " { words.append(" ") }
            } else {
                words.append(character)
            }
            if words.count > lengthMax { break }
        }
        if words.last == " " { words.removeLast() }
        guard words.count > lengthMax else { return words }
        return words.prefix(lengthMax - 1) + "…"
    }

    /// What moves the cursor, and what turns the direction of the text.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            true
        default: false
        }
    }
}
