/// A line of words that may each be left out, from the right, when there is no room.
struct Segments {
    private let segments: [Segment]

    init(_ segments: [Segment]) { self.segments = segments }

    private static let separator = "  "

    /// As many segments as fit; the first one is cut rather than left out.
    func fitted(to width: Int, style: TextStyle) -> String {
        var line = ""
        var used = 0
        for segment in segments {
            let gap = used == 0 ? 0 : Self.separator.count
            if used + gap + segment.width <= width {
                line += (gap > 0 ? Self.separator : "") + segment.text(style)
                used += gap + segment.width
            } else if used == 0 {
                line = segment.cut(to: width).text(style)
                used = width
            } else {
                break
            }
        }
        return line
    }
}

/// Some words in one or more tones.
struct Segment {
    enum Tone { case plain, strong, quiet, good, bad, warning }

    private let pieces: [(text: String, tone: Tone)]

    init(pieces: [(String, Tone)]) { self.pieces = pieces.map { (text: $0.0, tone: $0.1) } }
    init(_ text: String, _ tone: Tone) { pieces = [(text: text, tone: tone)] }

    var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

    func text(_ style: TextStyle) -> String {
        pieces.map { piece in
            switch piece.tone {
            case .plain: piece.text
            case .strong: style.bold(piece.text)
            case .quiet: style.dim(piece.text)
            case .good: style.green(piece.text)
            case .bad: style.red(piece.text)
            case .warning: style.yellow(piece.text)
            }
        }.joined()
    }

    /// The first `width` characters, the last of them an ellipsis.
    func cut(to width: Int) -> Segment {
        let text = pieces.map(\.text).joined()
        return Segment(String(text.prefix(max(0, width - 1))) + "…", pieces.first?.tone ?? .plain)
    }
}
