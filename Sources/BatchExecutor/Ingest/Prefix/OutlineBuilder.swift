import Crypto
import ParleyCore
import ProviderStack

/// Goes through a prompt from its beginning and notes where a shared one may end.
///
/// The parts come in the order in which a provider reads them. A beginning may end behind each part of the row's own but
/// the last, which is what the row asks; inside a long last text it may end as well, since a document and a question
/// often come as one text.
struct OutlineBuilder {
    private struct Mark {
        var end: PromptOutline.End
        /// Of the row's own parts up to there.
        var rowBytes: Int
        /// How many pieces of the row's own come before it.
        var pieces: Int
    }

    private var bytes = 0
    private var rowBytes = 0
    /// The row's own parts, and how many bytes of each count; hashed only if a key is made.
    private var pieces: [Substring.UTF8View] = []
    private var marks: [Mark] = []
    private var common: PromptOutline.End?

    init() {}

    /// A part that all rows have.
    mutating func addCommon(_ text: some StringProtocol) { bytes += text.utf8.count }

    /// A part of the row's own. A beginning may end where it begins.
    mutating func addOwn(_ text: Substring, at messages: Int, _ offset: Int) {
        mark(messages, offset)
        pieces.append(text.utf8)
        bytes += text.utf8.count
        rowBytes += text.utf8.count
    }

    /// The last part, which starts at the offset: places inside of it where a beginning may end.
    mutating func addLast(_ text: Substring, at messages: Int, _ offset: Int) {
        mark(messages, offset)
        for cut in Self.cuts(in: text.utf8) {
            let start = text.utf8.index(text.startIndex, offsetBy: cut.lowerBound)
            let end = text.utf8.index(text.startIndex, offsetBy: cut.upperBound)
            pieces.append(text[start..<end].utf8)
            bytes += cut.count
            rowBytes += cut.count
            mark(messages, offset + cut.upperBound)
        }
    }

    private mutating func mark(_ messages: Int, _ offset: Int) {
        let end = PromptOutline.End(
            messages: messages, bytes: offset, tokens: (bytes + 3) / TokenEstimate.bytesPerToken)
        if pieces.isEmpty {
            common = bytes > 0 ? end : nil
        } else {
            marks.append(Mark(end: end, rowBytes: rowBytes, pieces: pieces.count))
        }
    }

    /// The first kilobyte, and the longest part of it that is likely to be the same although the ends differ: nine tenths,
    /// in eighths of the next lower power of two, so that texts of about one length are cut alike.
    static func cuts(in text: Substring.UTF8View) -> [Range<Int>] {
        let count = text.count
        let least = PromptOutline.rowBytesMin
        guard count >= 2 * least else { return [] }
        let power = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
        let step = max(least, power / 8)
        let long = characterStart(in: text, from: count * 9 / 10 / step * step)
        let short = characterStart(in: text, from: least)
        return long > short ? [0..<short, short..<long] : [0..<short]
    }

    /// The first place at or behind the offset that is not inside a character: one before it would fall short of the least.
    private static func characterStart(in text: Substring.UTF8View, from offset: Int) -> Int {
        var offset = offset
        var index = text.index(text.startIndex, offsetBy: offset)
        while index < text.endIndex, text[index] & 0xC0 == 0x80 {
            offset += 1
            index = text.index(after: index)
        }
        return offset
    }

    /// - Parameter makesKey: a key costs a hash over the row's own parts, and only an enqueue needs it.
    func outline(makingKey makesKey: Bool) -> PromptOutline {
        var outline = PromptOutline(common: common)
        guard let first = marks.first(where: { $0.rowBytes >= PromptOutline.rowBytesMin }) else {
            return outline
        }
        var last = marks.last
        if let mark = last, mark.rowBytes - first.rowBytes < PromptOutline.rowBytesMin { last = nil }
        outline.own = [first.end] + (last.map { [$0.end] } ?? [])
        if makesKey { outline.key = key(first, last) }
        return outline
    }

    private func key(_ first: Mark, _ last: Mark?) -> PrefixKey {
        var hash = SHA256()
        add(pieces[..<first.pieces], to: &hash)
        let short = Self.word(of: hash)
        guard let last else { return PrefixKey(short: short, long: nil) }
        add(pieces[first.pieces..<last.pieces], to: &hash)
        return PrefixKey(short: short, long: Self.word(of: hash))
    }

    private func add(_ pieces: ArraySlice<Substring.UTF8View>, to hash: inout SHA256) {
        for piece in pieces {
            withUnsafeBytes(of: UInt64(piece.count).littleEndian) { hash.update(bufferPointer: $0) }
            _ = piece.withContiguousStorageIfAvailable {
                hash.update(bufferPointer: UnsafeRawBufferPointer($0))
            }
        }
    }

    private static func word(of hash: SHA256) -> UInt32 {
        hash.finalize().prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}
