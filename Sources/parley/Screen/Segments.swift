/// Groups of words that share lines: as many on each as fit, or only as many as fit on one.
struct Segments {
    private let segments: [Segment]

    init(_ segments: [Segment?]) { self.segments = segments.compactMap { $0 } }

    private static let separator = "  "

    /// One line with as many segments as fit; the others are left out from the right, and the first one is cut rather than
    /// left out.
    func fitted(to width: Int, style: TextStyle) -> String {
        lines(width, style, linesMax: 1).first ?? ""
    }

    /// As many lines as it takes, so that nothing is left out.
    func wrapped(to width: Int, style: TextStyle) -> [String] { lines(width, style, linesMax: .max) }

    private func lines(_ width: Int, _ style: TextStyle, linesMax: Int) -> [String] {
        var lines: [String] = []
        var used = 0
        for segment in segments {
            let gap = lines.isEmpty ? 0 : Self.separator.count
            if !lines.isEmpty,
                let fitting = segment.fitting(width - used - gap, isLast: lines.count == linesMax)
            {
                lines[lines.count - 1] += Self.separator + fitting.text(style)
                used += gap + fitting.width
            } else if lines.count < linesMax {
                let fitting = segment.fitting(width, isLast: true) ?? segment.cut(to: width)
                lines.append(fitting.text(style))
                used = fitting.width
            } else {
                break
            }
        }
        return lines
    }
}

/// Some words in one or more tones.
struct Segment {
    enum Tone { case plain, strong, quiet, good, bad, warning }

    private let pieces: [(text: String, tone: Tone)]
    /// The same in fewer and fewer words, for where there is no line that has room for more.
    private let shorter: [String]

    init(pieces: [(String, Tone)], shorter: [String] = []) {
        self.pieces = pieces.map { (text: $0.0, tone: $0.1) }
        self.shorter = shorter
    }

    init(_ text: String, _ tone: Tone = .plain, short: String?...) {
        self.init(pieces: [(text, tone)], shorter: short.compactMap { $0 })
    }

    var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

    /// The words themselves, or in a place that is the last one the shorter ones; nil when they do not fit.
    func fitting(_ room: Int, isLast: Bool) -> Segment? {
        if width <= room { return self }
        guard isLast, let words = shorter.first(where: { $0.count <= room }) else { return nil }
        return Segment(words, pieces.first?.tone ?? .plain)
    }

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
        let text = shorter.last ?? pieces.map(\.text).joined()
        return Segment(text.cut(to: width), pieces.first?.tone ?? .plain)
    }
}

extension String {
    /// As many characters as there is room for, the last one an ellipsis where some are left out.
    func cut(to width: Int) -> String {
        count <= width ? self : String(prefix(max(0, width - 1))) + "…"
    }

    /// With spaces before it, so that numbers stand one below the other.
    func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    /// With spaces after it.
    func filled(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
