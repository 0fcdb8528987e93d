import ProviderStack
import Testing

@Suite struct ServerSentEventsTests {
    @Test(arguments: [
        "data: a\n\n", "data:a\n\n", "data: a\r\n\r\n", "data: a\r\r", "\u{FEFF}data: a\n\n", "data: a",
    ])
    func `An event ends with any kind of blank line, or with the stream`(text: String) {
        #expect(texts(text) == ["a"])
    }

    @Test func `Only one space after the colon is dropped`() {
        #expect(texts("data:  a\n\n") == [" a"])
    }

    @Test func `Several data lines make one event`() {
        #expect(texts("data: a\ndata\ndata: b\n\n") == ["a\n\nb"])
    }

    @Test func `Comments, ids, retries and blank lines are passed over`() {
        var parser = ServerSentEvents()
        let events = parser.push(Array(": keep-alive\n\n\n\nid: 3\nretry: 10\n:\ndata: a\n\n".utf8))
        #expect(events.map(\.text) == ["a"])
        #expect(parser.malformedLines == 0)
    }

    @Test func `The event's name is told`() {
        var parser = ServerSentEvents()
        let events = parser.push(Array("event: delta\ndata: a\n\ndata: b\n\n".utf8))
        #expect(events.map(\.name) == ["delta", nil])
    }

    @Test func `A line that is no field is counted`() {
        var parser = ServerSentEvents()
        #expect(parser.push(Array("<html>\nwhat\n\ndata: a\n\n".utf8)).map(\.text) == ["a"])
        #expect(parser.malformedLines == 2)
    }

    @Test func `A bare object is taken as data`() {
        #expect(texts("{\"error\":1}\n") == ["{\"error\":1}"])
    }

    @Test func `CRLF may be cut between its two halves`() {
        var parser = ServerSentEvents()
        var texts: [String] = []
        for piece in ["data: a\r", "\n", "\r", "\ndata: b\r\n\r", "\n"] {
            texts += parser.push(Array(piece.utf8)).map(\.text)
        }
        #expect(texts == ["a", "b"])
    }

    @Test func `An event larger than the limit is dropped and counted`() {
        var parser = ServerSentEvents()
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        _ = parser.push(Array("data: ".utf8))
        for _ in 0...16 { #expect(parser.push(block) == []) }
        #expect(parser.push(Array("\n\ndata: b\n\n".utf8)).map(\.text) == ["b"])
        #expect(parser.malformedLines == 1)
    }

    @Test(arguments: [
        "event: a\ndata: 1\n\nevent: b\ndata: 2\n\n", "data: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n",
        "data: 1\rdata: 2\r\rdata: 3\r\r",
        "\u{FEFF}\ndata: 1\n\nwhat\n: no\ndata\n\ndata:\ndata: 2\n\n{\"a\":1}\n\r\n\rdata:x",
    ])
    func `Wherever the bytes are cut, the events are the same`(text: String) {
        let bytes = Array(text.utf8)
        var whole = ServerSentEvents()
        let events = whole.push(bytes) + whole.finish()
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var cut = ServerSentEvents()
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                let cutEvents = pieces.flatMap { cut.push(Array($0)) } + cut.finish()
                #expect(cutEvents == events, "cut at \(first) and \(second)")
                #expect(cut.malformedLines == whole.malformedLines)
            }
        }
    }

    @Test func `An event that is whole in its piece is handed out where it lies`() {
        let bytes = Array("event: delta\ndata: a\n\ndata: b\ndata: c\n\n".utf8)
        bytes.withUnsafeBufferPointer { buffer in
            var parser = ServerSentEvents()
            var piece = EventPiece(buffer)
            let first = parser.next(in: &piece)
            #expect(first?.name == "delta")
            #expect(first?.withData { $0.baseAddress == buffer.baseAddress! + 19 && $0.count == 1 } == true)
            #expect(parser.next(in: &piece)?.copy.text == "b\nc")
            #expect(parser.next(in: &piece) == nil)
        }
    }

    private func texts(_ text: String) -> [String] {
        var parser = ServerSentEvents()
        return (parser.push(Array(text.utf8)) + parser.finish()).map(\.text)
    }
}
