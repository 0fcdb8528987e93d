extension StringProtocol {
    /// The text with whatever a terminal would obey, or a reader could not see, written out as `\u{1B}`.
    ///
    /// These are control characters, line breaks of every kind, marks that turn the direction of writing, and characters without a
    /// width. Whoever reads the text sees all of it, in its order, on one line.
    public var showingControls: String {
        var shown = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isSeenAsItIs {
                shown.append(scalar)
            } else {
                shown.append(
                    contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            }
        }
        return String(shown)
    }
}

extension Unicode.Scalar {
    fileprivate var isSeenAsItIs: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            return false
        default:
            // Hangul fillers and the like count as letters, and are not seen.
            return !properties.isDefaultIgnorableCodePoint
        }
    }
}
