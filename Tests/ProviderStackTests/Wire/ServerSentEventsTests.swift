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

    private func texts(_ text: String) -> [String] {
        var parser = ServerSentEvents()
        return (parser.push(Array(text.utf8)) + parser.finish()).map(\.text)
    }
}
