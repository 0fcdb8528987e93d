import UsageReport

/// One fact of a summary: a label, and words that are wrapped where the screen is narrower.
struct Fact {
    static let labelWidth = 9
    /// Narrower than this nothing is wrapped further.
    static let textWidthMin = 20

    var label: String
    var text: String
    var tone: (TextStyle) -> (String) -> String = { _ in { $0 } }
    /// So many characters at the beginning are bold.
    var boldCount = 0
    /// A command is to be copied whole.
    var isCommand = false

    func lines(_ style: TextStyle, width: Int) -> [String] {
        let room = max(Self.textWidthMin, width - Self.labelWidth)
        let texts = isCommand ? [text] : Prose.lines(of: text, width: room)
        return texts.enumerated().map { index, text in
            let label = (index == 0 ? self.label : "")
            let gap = String(repeating: " ", count: Self.labelWidth - label.count)
            let bold = index == 0 ? String(text.prefix(boldCount)) : ""
            return style.dim(label) + gap + style.bold(bold)
                + tone(style)(String(text.dropFirst(bold.count)))
        }
    }
}
