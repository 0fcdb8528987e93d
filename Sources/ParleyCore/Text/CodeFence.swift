/// A fenced code block of Markdown: three or more backticks or tildes on a line of their own, before and after.
///
/// A block that is never closed reaches to the end of the text. Places are offsets in UTF-8 bytes.
public struct CodeFence: Sendable, Hashable {
    /// The first word behind the opening fence, in lower case: `json`; empty for none.
    public var word: String
    /// What stands between the fences.
    public var body: Range<Int>
    /// The block with its fences.
    public var range: Range<Int>
    public var isClosed: Bool

    private struct Mark {
        var byte: UInt8
        var length: Int
        var info: Range<Int>
    }

    /// The blocks of a text, from left to right.
    public static func all(in bytes: UnsafeBufferPointer<UInt8>) -> [CodeFence] {
        var fences: [CodeFence] = []
        var open: (mark: Mark, start: Int, body: Int)?
        var line = 0
        while line < bytes.count {
            let end = bytes[line...].firstIndex(of: 0x0A) ?? bytes.count
            let next = min(end + 1, bytes.count)
            if let mark = mark(bytes, line..<end) {
                if let opened = open {
                    let closes =
                        mark.byte == opened.mark.byte && mark.length >= opened.mark.length
                        && mark.info.isEmpty
                    if closes {
                        fences.append(
                            CodeFence(
                                word: word(bytes, opened.mark.info), body: opened.body..<line,
                                range: opened.start..<next, isClosed: true))
                        open = nil
                    }
                } else {
                    open = (mark, line, next)
                }
            }
            line = next
        }
        if let open {
            fences.append(
                CodeFence(
                    word: word(bytes, open.mark.info), body: open.body..<bytes.count,
                    range: open.start..<bytes.count, isClosed: false))
        }
        return fences
    }

    /// The fence on a line, however far it is indented; nil when the line is none.
    private static func mark(_ bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> Mark? {
        var start = line.lowerBound
        var end = line.upperBound
        while start < end, isSpace(bytes[start]) { start += 1 }
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        guard start < end, bytes[start] == UInt8(ascii: "`") || bytes[start] == UInt8(ascii: "~") else {
            return nil
        }
        let byte = bytes[start]
        var info = start
        while info < end, bytes[info] == byte { info += 1 }
        let length = info - start
        while info < end, isSpace(bytes[info]) { info += 1 }
        // Backticks on the same line again: code within a sentence.
        guard length >= 3, byte != UInt8(ascii: "`") || !bytes[info..<end].contains(byte) else { return nil }
        return Mark(byte: byte, length: length, info: info..<end)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ info: Range<Int>) -> String {
        String(decoding: bytes[info].prefix { !isSpace($0) }, as: UTF8.self).lowercased()
    }
}
