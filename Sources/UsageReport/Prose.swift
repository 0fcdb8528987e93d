/// Sentences for a screen.
public enum Prose {
    /// Fits the narrowest terminal that is usual.
    static let widthDefault = 79

    /// The text with line breaks between words, so that no line is longer than the width unless one word is.
    static func wrapped(_ text: String, width: Int = widthDefault) -> String {
        lines(of: text, width: width).joined(separator: "\n")
    }

    /// The same, line by line.
    public static func lines(of text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return lines + [line]
    }
}
