import ParleyCore

/// A pair of marks between which some models write their calls.
struct CallMark: Sendable, Hashable {
    var open: String
    var close: String

    /// LFM2 (docs.liquid.ai, "Tool Use") and Hermes, whose form Qwen took over.
    static let all = [
        CallMark(open: "<|tool_call_start|>", close: "<|tool_call_end|>"),
        CallMark(open: "<tool_call>", close: "</tool_call>"),
    ]
}

extension TextualCalls {
    /// The calls between marks, and the words outside of them; nil when no mark holds a call.
    ///
    /// A mark that is never closed reaches to the end: the answer stopped there.
    func marked(in text: String, warnings: inout [String]) -> TextualReply? {
        var rest = text[...]
        var outside: [Substring] = []
        var written: [WrittenCall] = []
        var marks = 0
        while marks < Self.marksMax, let (mark, opening) = Self.firstMark(in: rest) {
            marks += 1
            let closing = rest[opening.upperBound...].utf8.firstRange(of: mark.close.utf8)
            let inside = rest[opening.upperBound..<(closing?.lowerBound ?? rest.endIndex)]
            if let calls = Self.calls(between: String(inside)) {
                outside.append(rest[..<opening.lowerBound])
                written += calls
            } else {
                outside.append(rest[..<(closing?.upperBound ?? rest.endIndex)])
            }
            rest = rest[(closing?.upperBound ?? rest.endIndex)...]
        }
        guard !written.isEmpty else { return nil }
        let calls = resolved(written, warnings: &warnings)
        guard !calls.isEmpty else { return nil }
        return TextualReply(text: Self.joined(outside + [rest]), calls: calls, warnings: warnings)
    }

    /// So many marks are looked into; what follows is text.
    private static let marksMax = 2 * callsMax

    static func firstMark(in text: Substring) -> (CallMark, Range<Substring.Index>)? {
        CallMark.all.compactMap { mark in text.utf8.firstRange(of: mark.open.utf8).map { (mark, $0) } }
            .min { $0.1.lowerBound < $1.1.lowerBound }
    }

    /// The calls that stand between two marks: JSON, or call expressions alone or in a list.
    private static func calls(between text: String) -> [WrittenCall]? {
        if let calls = CallExpression.list(text) { return calls }
        if let calls = calls(inObjects: objects(in: text, from: 0)) { return calls }
        guard let found = ProseJSON.find(.any, in: text) else { return nil }
        return calls(inObjects: WrittenValues(values: [found.value], isCut: found.origin == .repaired))
    }

    /// The words between the calls. The first piece loses only what trails, so that it begins as the answer did.
    static func joined(_ pieces: [Substring]) -> String {
        var text = ""
        for (index, piece) in pieces.enumerated() {
            let trimmed = index == 0 ? piece : piece.drop { $0.isWhitespace }
            guard let last = trimmed.lastIndex(where: { !$0.isWhitespace }) else { continue }
            if !text.isEmpty { text += "\n" }
            text += trimmed[...last]
        }
        return text
    }
}
