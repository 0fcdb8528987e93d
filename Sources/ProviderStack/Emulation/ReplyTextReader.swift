import ParleyCore

/// Reads the words of a reply object while it arrives, so that a reader sees them grow.
///
/// Only a string member `assistant_response` of the outermost object is followed; whatever else comes (prose, another form
/// of a call) is held back, because only its end tells whether it was a call, and what was shown cannot be taken back.
struct ReplyTextReader: Sendable {
    private enum State: Sendable, Hashable {
        /// Before the object: white space, or the line of a fence.
        case opening
        case members
        case words
        /// The words are over, or there will be none.
        case over
    }

    private var state = State.opening
    private var opening: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var expectsName = true
    /// The last name at the outermost level, as it is written.
    private var name: [UInt8] = []
    /// Bytes of the words that do not make a character yet: an escape, half a surrogate pair.
    private var escape: [UInt8] = []

    private static let member = Array("assistant_response".utf8)
    private static let openings: Set<String> = ["", "```", "```json", "~~~", "~~~json"]
    private static let openingBytesMax = 32

    /// The words that this piece adds.
    mutating func read(_ piece: String) -> String {
        guard state != .over else { return "" }
        var shown: [UInt8] = []
        for byte in piece.utf8 {
            switch state {
            case .opening: open(byte)
            case .members: follow(byte)
            case .words: speak(byte, into: &shown)
            case .over: break
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    private mutating func open(_ byte: UInt8) {
        if byte == UInt8(ascii: "{") {
            let before = String(decoding: opening, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            state = before.count <= 1 && Self.openings.contains(String(before.first ?? "")) ? .members : .over
            depth = 1
            return
        }
        opening.append(byte)
        if opening.count > Self.openingBytesMax { state = .over }
    }

    private mutating func follow(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            if isInString, depth == 1, expectsName, name.count <= Self.member.count { name.append(byte) }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            if depth == 1, !expectsName, name == Self.member {
                state = .words
                return
            }
            isInString = true
            if depth == 1, expectsName { name = [] }
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            if depth == 0 { state = .over }
        case UInt8(ascii: ":") where depth == 1: expectsName = false
        case UInt8(ascii: ",") where depth == 1: expectsName = true
        default: break
        }
    }

    private mutating func speak(_ byte: UInt8, into shown: inout [UInt8]) {
        guard escape.isEmpty else {
            escape.append(byte)
            return finishEscape(into: &shown)
        }
        switch byte {
        case UInt8(ascii: "\""): state = .over
        case UInt8(ascii: "\\"): escape.append(byte)
        default: shown.append(byte)
        }
    }

    /// Shows what the escape stands for once it is whole.
    private mutating func finishEscape(into shown: inout [UInt8]) {
        // A pair of surrogates is two escapes: `\uD83D\uDE00`.
        let needed = escape[1] != UInt8(ascii: "u") ? 2 : isHighSurrogate ? 12 : 6
        guard escape.count >= needed else { return }
        let text = [UInt8(ascii: "\"")] + escape + [UInt8(ascii: "\"")]
        guard case .string(let character)? = try? JSON(parsing: text) else {
            // No escape of JSON: only the whole object tells what it means.
            state = .over
            return
        }
        shown += Array(character.utf8)
        escape = []
    }

    private var isHighSurrogate: Bool {
        guard escape.count >= 6 else { return false }
        let unit = UInt32(String(decoding: escape[2..<6], as: UTF8.self), radix: 16) ?? 0
        return (0xD800..<0xDC00).contains(unit)
    }
}
