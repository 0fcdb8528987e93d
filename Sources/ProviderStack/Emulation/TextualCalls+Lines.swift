import ParleyCore

extension TextualCalls {
    /// Lines that are a call and nothing else, outside of code blocks (but for blocks that are marked as calls).
    ///
    /// An expression may go on over several lines, and stand in brackets. Its tool must be one of the request and accept its
    /// values; else the line is prose.
    func callLines(in text: String, warnings: inout [String]) -> TextualReply? {
        var copy = text
        let found = copy.withUTF8 { bytes in lines(in: bytes) }
        guard !found.isEmpty else { return nil }
        var outside: [Substring] = []
        var rest = text.startIndex
        for line in found {
            outside.append(text[rest..<text.utf8.index(text.startIndex, offsetBy: line.range.lowerBound)])
            rest = text.utf8.index(text.startIndex, offsetBy: line.range.upperBound)
        }
        let calls = resolved(found.flatMap(\.calls), warnings: &warnings)
        return TextualReply(text: Self.joined(outside + [text[rest...]]), calls: calls, warnings: warnings)
    }

    /// A line with its calls; several stand in brackets.
    private struct CallLine {
        var calls: [WrittenCall]
        var range: Range<Int>
    }

    private func lines(in bytes: UnsafeBufferPointer<UInt8>) -> [CallLine] {
        var fences = CodeFence.all(in: bytes)[...]
        var found: [CallLine] = []
        var looks = 0
        var line = 0
        while line < bytes.count, looks < Self.looksMax, found.count < Self.callsMax {
            if let fence = fences.first, fence.range.contains(line) {
                fences.removeFirst()
                if Self.expressionFences.contains(fence.word), let calls = accepted(bytes, fence.body) {
                    found.append(CallLine(calls: calls, range: fence.range))
                }
                line = fence.range.upperBound
                continue
            }
            let end = (bytes[line...].firstIndex(of: 0x0A) ?? bytes.count)
            if let name = firstName(in: bytes, line..<end), tool(named: name) != nil {
                looks += 1
                if let (calls, callEnd) = accepted(bytes, at: line) {
                    found.append(CallLine(calls: calls, range: line..<callEnd))
                    line = callEnd
                    continue
                }
            }
            line = end + 1
        }
        return found
    }

    /// Of so many lines that begin like a call it is looked whether they are one.
    private static let looksMax = 256
    private static let expressionFences: Set<String> = ["tool_code", "tool_call", "tool_calls"]

    /// The name before the line's first parenthesis, where the line begins with one.
    private func firstName(in bytes: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) -> String? {
        var start = line.lowerBound
        while start < line.upperBound, " \t[".utf8.contains(bytes[start]) { start += 1 }
        var end = start
        while end < line.upperBound, CallExpression.isNameByte(bytes[end]) { end += 1 }
        guard end > start, end < line.upperBound, bytes[end] == UInt8(ascii: "(") else { return nil }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
    }

    /// The calls from that place to the end of a line: one, or a list in brackets.
    private func accepted(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> (calls: [WrittenCall], end: Int)? {
        let text = UnsafeBufferPointer(rebasing: bytes[..<min(bytes.count, start + Self.expressionBytesMax)])
        var position = start
        var calls: [WrittenCall] = []
        var isInBrackets = false
        func skip(_ extra: String = "") {
            while position < text.count, (" \t\r" + extra).utf8.contains(text[position]) { position += 1 }
        }
        skip()
        if position < text.count, text[position] == UInt8(ascii: "[") {
            isInBrackets = true
            position += 1
            skip("\n")
        }
        repeat {
            guard let (expression, end) = CallExpression.read(text, from: position), accepts(expression)
            else { return nil }
            calls.append(expression.written)
            position = end
            guard isInBrackets else { break }
            skip("\n")
            guard position < text.count else { return nil }
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "]") { break }
            guard byte == UInt8(ascii: ","), calls.count < Self.callsMax else { return nil }
            skip("\n")
        } while true
        skip()
        let isAtLineEnd = position == bytes.count || position < text.count && text[position] == 0x0A
        return isAtLineEnd ? (calls, position) : nil
    }

    /// The calls that a block consists of.
    private func accepted(_ bytes: UnsafeBufferPointer<UInt8>, _ body: Range<Int>) -> [WrittenCall]? {
        guard body.count <= Self.expressionBytesMax else { return nil }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[body]), as: UTF8.self)
        guard let calls = CallExpression.list(text),
            calls.allSatisfy({ tool(named: $0.name) != nil })
        else { return nil }
        return calls
    }

    private func accepts(_ expression: CallExpression) -> Bool {
        guard let tool = tool(named: expression.name),
            let members = tool.named(expression.positional, beside: expression.named)
        else { return false }
        return tool.accepts(members)
    }
}
