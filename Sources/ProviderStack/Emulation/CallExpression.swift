import OrderedCollections
import ParleyCore

/// A call as a program would write it: `ask_user("Which one?", options=["a", "b"])`.
///
/// Values are literals of JSON or Python; a name for a value (`lookup(word)`) makes it no call but a way of speaking.
struct CallExpression: Sendable, Hashable {
    var name: String
    var positional: [JSON] = []
    var named: JSONObject = [:]

    var written: WrittenCall {
        WrittenCall(name: name, values: .expression(positional: positional, named: named))
    }

    /// Reads the expression at that byte, and gives the offset behind it.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> (expression: CallExpression, end: Int)? {
        var name = start
        while name < bytes.count, isNameByte(bytes[name]) { name += 1 }
        guard name > start, name < bytes.count, bytes[name] == UInt8(ascii: "("),
            !(0x30...0x39).contains(bytes[start])
        else { return nil }
        var expression = CallExpression(
            name: String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<name]), as: UTF8.self))
        var parser = LooseJSONParser(bytes, from: name + 1)
        while true {
            parser.skipSpace()
            if parser.take(UInt8(ascii: ")")) { return (expression, parser.position) }
            guard expression.take(argument: &parser) else { return nil }
            parser.skipSpace()
            if parser.take(UInt8(ascii: ",")) { continue }
            guard parser.take(UInt8(ascii: ")")) else { return nil }
            return (expression, parser.position)
        }
    }

    private mutating func take(argument parser: inout LooseJSONParser) -> Bool {
        var ahead = parser
        if let name = ahead.bareName() {
            ahead.skipSpace()
            if ahead.take(UInt8(ascii: "=")) {
                guard named[name] == nil, let value = ahead.value() else { return false }
                named[name] = value
                parser = ahead
                return true
            }
        }
        // As in Python, nothing without a name stands behind something with one.
        guard named.isEmpty, let value = parser.value() else { return false }
        positional.append(value)
        return true
    }

    /// The expressions that a text consists of, one alone or several, in brackets or not; nil when anything else stands there.
    static func list(_ text: String) -> [WrittenCall]? {
        var text = text
        return text.withUTF8 { bytes in
            var calls: [WrittenCall] = []
            var position = 0
            while position < bytes.count {
                if " \t\r\n,;[]".utf8.contains(bytes[position]) {
                    position += 1
                    continue
                }
                guard calls.count <= TextualCalls.callsMax,
                    let (expression, end) = read(bytes, from: position)
                else { return nil }
                calls.append(expression.written)
                position = end
            }
            return calls.isEmpty ? nil : calls
        }
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x30...0x39,
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
