import ParleyCore
import ProviderStack
import Testing

@Suite struct NDJSONLinesTests {
    @Test func `Each line is one document`() {
        #expect(read("{\"a\":1}\n[2]\n3\n") == [.document(["a": 1]), .document([2]), .document(3)])
    }

    @Test func `Lines may end in CRLF, and blank ones are passed over`() {
        #expect(
            read("\r\n{\"a\":1}\r\n\r\n \t \n{\"b\":2}\r\n") == [.document(["a": 1]), .document(["b": 2])])
    }

    @Test func `The last line may lack its end`() {
        #expect(read("1\n{\"a\":1}") == [.document(1), .document(["a": 1])])
        #expect(read("1\n   ") == [.document(1)])
    }

    @Test func `A byte order mark is passed over`() {
        #expect(read("\u{FEFF}{\"a\":1}\n") == [.document(["a": 1])])
    }

    @Test func `A line that is no JSON is counted, told and skipped`() {
        var lines = NDJSONLines()
        let told = lines.push(Array("{\"a\":\n{} {}\nnull\n\u{0}\n".utf8)) + lines.finish()
        #expect(told == [.malformed, .malformed, .document(.null), .malformed])
        #expect(lines.malformedLines == 3)
    }

    @Test func `A line that is too long is dropped, and the next one is read`() {
        var lines = NDJSONLines(lineBytesMax: 16)
        let long = "\"" + String(repeating: "x", count: 15) + "\""
        let text = Array("\(long)\n\"0123456789abcd\"\n\(long)\(long)\n1\n\(long)".utf8)
        let whole = lines.push(text) + lines.finish()
        #expect(whole == [.malformed, .document("0123456789abcd"), .malformed, .document(1), .malformed])
        #expect(lines.malformedLines == 3)
        var piecewise = NDJSONLines(lineBytesMax: 16)
        let cut = text.flatMap { piecewise.push([$0]) } + piecewise.finish()
        #expect(cut == whole)
    }

    @Test func `The lines are the same wherever the bytes are cut`() {
        let text = Array("{\"ü\":\"🥊\"}\r\n\n{\"b\":[1,2]}\nnonsense\n\"end\"".utf8)
        let whole = read(text)
        for cut in 0...text.count {
            var lines = NDJSONLines()
            let told = lines.push(Array(text[..<cut])) + lines.push(Array(text[cut...])) + lines.finish()
            #expect(told == whole, "cut at byte \(cut)")
        }
    }

    private func read(_ text: String) -> [NDJSONLines.Line] { read(Array(text.utf8)) }

    private func read(_ bytes: [UInt8]) -> [NDJSONLines.Line] {
        var lines = NDJSONLines()
        return lines.push(bytes) + lines.finish()
    }
}
