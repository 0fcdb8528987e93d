/// What one question is put together from.
public enum PromptAssembly {
    /// The files, then what was piped in, then the question, with an empty line between each. Nil when there is no word in any.
    ///
    /// - Parameters:
    ///   - piped: alone, it is the question.
    ///   - prompt: as it was written.
    public static func text(piped: String? = nil, attachments: [Attachment] = [], prompt: String? = nil)
        -> String?
    {
        let parts = attachments.map(\.block) + [piped, prompt].compactMap { $0 }
        let text = parts.map(withoutLineEnds).filter { !$0.allSatisfy(\.isWhitespace) }
            .joined(separator: "\n\n")
        return text.isEmpty ? nil : text
    }

    private static func withoutLineEnds(_ part: String) -> Substring {
        let last = part.utf8.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return last.map { part[...$0] } ?? ""
    }
}
