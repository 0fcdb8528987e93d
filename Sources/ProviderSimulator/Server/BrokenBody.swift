/// One piece of a streamed answer as its dialect writes it.
struct StreamFrame: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        /// What comes before the answer itself: ids, the role, an empty message.
        case opening
        /// A piece of the answer.
        case content
        /// What comes after it: the reason, the figures, the end mark.
        case closing
    }

    var part: Part
    var text: String

    init(_ part: Part, _ text: String) {
        self.part = part
        self.text = text
    }
}

/// What a fault leaves of a body.
enum BrokenBody {
    /// How many bytes of a whole body come before the point.
    static func bytes(before point: FaultPoint, of count: Int) -> Int {
        switch point {
        case .first: 0
        case .middle: count / 2
        case .last: max(0, count - 1)
        }
    }

    /// A whole body that is no JSON from the point on; its length stays the same.
    static func malformed(_ body: [UInt8], at point: FaultPoint) -> [UInt8] {
        let start = bytes(before: point, of: body.count)
        return body[..<start] + [UInt8](repeating: UInt8(ascii: "]"), count: body.count - start)
    }

    /// The frames of a stream before the point, the last of them perhaps in part.
    static func frames(_ frames: [StreamFrame], cutAt point: FaultPoint) -> [StreamFrame] {
        switch point {
        case .first:
            return []
        case .middle:
            let index = middle(of: frames)
            return frames[..<index] + [half(of: frames[index])]
        case .last:
            guard var last = frames.last else { return [] }
            last.text.removeLast()
            return frames.dropLast() + [last]
        }
    }

    /// The frames with broken lines from the point on.
    static func frames(_ frames: [StreamFrame], malformedAt point: FaultPoint, by line: String)
        -> [StreamFrame]
    {
        let start =
            switch point {
            case .first: 0
            case .middle: middle(of: frames)
            case .last: frames.firstIndex { $0.part == .closing } ?? frames.count - 1
            }
        return frames.enumerated().map { $0 < start ? $1 : StreamFrame($1.part, line) }
    }

    private static func middle(of frames: [StreamFrame]) -> Int {
        let content = frames.indices.filter { frames[$0].part == .content }
        return content.isEmpty ? frames.count / 2 : content[content.count / 2]
    }

    /// Cut inside its line, between two letters.
    private static func half(of frame: StreamFrame) -> StreamFrame {
        StreamFrame(frame.part, String(frame.text.prefix(frame.text.count / 2)))
    }
}
