/// Text of others for a terminal: what would steer it is shown as a sign instead.
///
/// An answer can otherwise give the window a title, move the cursor, or draw a prompt that is none. Line ends and tabs stay;
/// a carriage return before a line end is left out, also where the two come in different pieces.
struct VisibleText: Sendable, Equatable {
    private var hasReturn = false

    /// The next piece of one text.
    mutating func add(_ piece: String) -> String {
        var text = ""
        text.unicodeScalars.reserveCapacity(piece.utf8.count)
        for scalar in piece.unicodeScalars {
            if hasReturn, scalar != "\n" { text += "\u{240D}" }
            hasReturn = scalar == "\r"
            if !hasReturn { text.unicodeScalars.append(Self.shown(scalar)) }
        }
        return text
    }

    /// What is left when the text ends.
    mutating func end() -> String {
        defer { hasReturn = false }
        return hasReturn ? "\u{240D}" : ""
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x09, 0x0A: scalar
        // The signs for control characters, in the same order: ␛ for escape.
        case 0..<0x20: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        // Their second set; the directions that turn text around.
        case 0x80..<0xA0, 0x202D, 0x202E: "\u{FFFD}"
        default: scalar
        }
    }

    /// All of a text on one line, cut to a length.
    static func line(_ text: String, length: Int) -> String {
        var visible = VisibleText()
        let shown = visible.add(String(text.prefix(length + 1))) + visible.end()
        return shown.split(whereSeparator: \.isWhitespace).joined(separator: " ").cut(to: length)
    }
}
