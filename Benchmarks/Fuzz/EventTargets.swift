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
}
