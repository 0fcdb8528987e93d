import ProviderStack

enum EventTargets {
    static func events(_ bytes: UnsafeBufferPointer<UInt8>) {
        var whole = ServerSentEvents()
        let events = whole.push(bytes) + whole.finish()
        var cut = ServerSentEvents()
        var cutEvents: [ServerSentEvents.Event] = []
        Cuts.pieces(of: bytes) { cutEvents += cut.push($0) }
        cutEvents += cut.finish()
        precondition(events == cutEvents, "the cut changes the events")
        precondition(whole.malformedLines == cut.malformedLines, "the cut changes the count of broken lines")
        precondition(events.allSatisfy { !$0.data.isEmpty }, "an event without data")
    }

    static func lines(_ bytes: UnsafeBufferPointer<UInt8>) {
        var whole = NDJSONLines(lineBytesMax: 256)
        let lines = whole.push(bytes) + whole.finish()
        var cut = NDJSONLines(lineBytesMax: 256)
        var cutLines: [NDJSONLines.Line] = []
        Cuts.pieces(of: bytes) { cutLines += cut.push($0) }
        cutLines += cut.finish()
        precondition(lines == cutLines, "the cut changes the lines")
        precondition(whole.malformedLines == cut.malformedLines, "the cut changes the count of broken lines")
        precondition(whole.malformedLines == lines.count { $0 == .malformed }, "a broken line is not told")
    }
}
