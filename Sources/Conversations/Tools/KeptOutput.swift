/// The beginning and the end of what a program writes; what lies between is counted and let go.
///
/// However much comes, no more than the limit and one piece is held.
struct KeptOutput: Sendable, Hashable {
    private let headMax: Int
    private let tailMax: Int
    private var head: [UInt8] = []
    /// The last bytes behind the head; up to twice as many as are kept, so that they are seldom moved.
    private var tail: [UInt8] = []
    private(set) var bytesTotal = 0

    /// Half of the limit is for the beginning.
    init(bytesMax: Int) { self.init(headMax: bytesMax / 2, tailMax: bytesMax - bytesMax / 2) }

    /// Keeps the end only.
    init(tailMax: Int) { self.init(headMax: 0, tailMax: tailMax) }

    private init(headMax: Int, tailMax: Int) {
        precondition(headMax >= 0 && tailMax > 0)
        self.headMax = headMax
        self.tailMax = tailMax
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        bytesTotal += bytes.count
        let begin = bytes.prefix(headMax - head.count)
        head.append(contentsOf: begin)
        tail.append(contentsOf: bytes.dropFirst(begin.count).suffix(tailMax))
        if tail.count > 2 * tailMax { tail.removeFirst(tail.count - tailMax) }
    }

    /// The text. What is no UTF-8 is replaced, NUL as well, which no provider takes; no character is cut in two.
    var text: String {
        let end = tail.suffix(tailMax)
        guard head.count + end.count < bytesTotal else { return Self.text(head + end) }
        let begin = head.dropLast(Self.brokenAtEnd(head[...]))
        let rest = end.dropFirst(end.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count)
        let left = Self.grouped(bytesTotal - begin.count - rest.count)
        return "\(Self.text(begin))\(begin.isEmpty ? "" : "\n")… \(left) bytes left out …\n\(Self.text(rest))"
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }

    /// How many bytes at the end begin a character without ending it.
    private static func brokenAtEnd(_ bytes: ArraySlice<UInt8>) -> Int {
        for back in 1...3 {
            guard let byte = bytes.dropLast(back - 1).last else { return 0 }
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back ? back : 0
        }
        return 0
    }

    /// A number with commas between its thousands.
    private static func grouped(_ number: Int) -> String {
        var digits = Array(String(number))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits)
    }
}
