import ConversationStore
import Logging
import ParleyCore
import Synchronization
import Testing

@testable import BatchExecutor

struct RescuerTests {
    private static func lease(_ job: Int64) -> Lease {
        Lease(job: JobID(job), token: Array(repeating: 7, count: 16))
    }

    @Test func `A lease that cannot be renewed once may have been given back, twice it was lost`() {
        var lost = LostLeases()
        let renewals: [[Int64]] = [[1, 2], [2, 3], [], [2]]
        let counts = renewals.map { jobs in lost.count(among: jobs.map { Self.lease($0) }) }
        #expect(counts == [0, 1, 0, 0])
    }

    @Test func `What is held is told once, and what is asked again each time`() {
        let tally = RescueTally()
        #expect(!tally.add(RescueReport()))
        #expect(tally.add(RescueReport(askedAgain: 2, held: 1)))
        #expect(!tally.add(RescueReport(held: 1)))
        #expect(tally.add(RescueReport(askedAgain: 1, held: 1)))
        #expect(tally.add(RescueReport(held: 3)))
        #expect(tally.askedAgain == 3 && tally.held == 3)
    }

    @Test func `A full disk is told once a minute, and so is its end`() {
        let told = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in Listener { line in told.withLock { $0.append(line) } } }
        let start = Timestamp(milliseconds: 1_795_000_000_000)
        var teller = DiskTeller()
        teller.look(isFull: false, at: start, logger)
        for second in 0..<61 { teller.look(isFull: true, at: start + .seconds(second), logger) }
        for second in 61..<70 { teller.look(isFull: false, at: start + .seconds(second), logger) }
        #expect(told.withLock { $0.count } == 3)
        #expect(told.withLock { $0.last?.contains("room") } == true)
    }
}

/// Hands each line on.
private struct Listener: LogHandler {
    let hear: @Sendable (String) -> Void
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    init(_ hear: @escaping @Sendable (String) -> Void) { self.hear = hear }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { hear("\(event.message)") }
}
