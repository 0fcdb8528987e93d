import ParleyCore

/// Reads the numbers that a row may carry: as JSON numbers, or as the text of a table's cell. Nil where there is none.
enum RowNumbers {
    static func maxTokens(_ value: JSON?) throws(RowFault) -> Int? {
        guard let value, !value.isNull else { return nil }
        guard let count = value.intValue ?? value.stringValue.flatMap({ Int($0.trimmed) }), count > 0 else {
            throw RowFault("max_tokens is \(shown(value)); it must be a whole number of at least 1")
        }
        return count
    }

    static func temperature(_ value: JSON?) throws(RowFault) -> Double? {
        guard let value, !value.isNull else { return nil }
        guard let degree = value.doubleValue ?? value.stringValue.flatMap({ Double($0.trimmed) }),
            degree.isFinite, degree >= 0
        else { throw RowFault("temperature is \(shown(value)); it must be a number of at least 0") }
        return degree
    }

    /// The value in a message, cut so that a cell that slipped into the wrong column does not fill the screen.
    private static func shown(_ value: JSON) -> String {
        let text = value.plainText
        return "'\(text.prefix(40))\(text.count > 40 ? "…" : "")'"
    }
}
