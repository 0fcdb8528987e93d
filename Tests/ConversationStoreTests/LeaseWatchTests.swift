import ParleyCore
import Testing

@testable import ConversationStore

struct LeaseWatchTests {
    private static let start = Timestamp(milliseconds: 1_795_000_000_000)
    private static let worker: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    /// Looks every second; the worker beats at the seconds that are named, by a clock of its own.
    private static func watch(seconds: Int, beats: Set<Int> = [], clockAhead: Duration = .zero) -> LeaseWatch
    {
        var watch = LeaseWatch()
        var beat = start + clockAhead
        for second in 0...seconds {
            let now = start + .seconds(second)
            if beats.contains(second) { beat = now + clockAhead }
            watch.look(at: [worker: beat], at: now)
        }
        return watch
    }

    @Test func `Whoever is silent for the length of its lease has lost it`() {
        let end = Self.start + .seconds(60)
        #expect(!Self.watch(seconds: 59).isOver(Self.worker, end: end))
        #expect(Self.watch(seconds: 60).isOver(Self.worker, end: end))
    }

    @Test func `A beat begins the silence anew`() {
        let watch = Self.watch(seconds: 90, beats: [40])
        #expect(watch.silence(of: Self.worker) == .seconds(50))
        #expect(!watch.isOver(Self.worker, end: Self.start + .seconds(40 + 60)))
    }

    @Test(arguments: [Duration.seconds(24 * 3600), .seconds(-3600)])
    func `It does not matter by how much the worker's clock is wrong`(clockAhead: Duration) {
        let end = Self.start + clockAhead + .seconds(60)
        #expect(!Self.watch(seconds: 59, clockAhead: clockAhead).isOver(Self.worker, end: end))
        #expect(Self.watch(seconds: 60, clockAhead: clockAhead).isOver(Self.worker, end: end))
    }

    @Test func `Whoever could not look gives the others time`() {
        var watch = Self.watch(seconds: 30)
        // The machine slept for an hour.
        watch.look(at: [Self.worker: Self.start], at: Self.start + .seconds(30 + 3600))
        #expect(watch.silence(of: Self.worker) == .seconds(35))
    }

    @Test func `A lease that ended before its worker's last beat is one it does not know of`() {
        let watch = Self.watch(seconds: 90, beats: [80])
        #expect(watch.isOver(Self.worker, end: Self.start + .seconds(70)))
        #expect(watch.isForgotten(Self.worker, end: Self.start + .seconds(70)))
        #expect(!watch.isForgotten(Self.worker, end: Self.start + .seconds(140)))
    }

    @Test func `No lease is waited for longer than ten minutes`() {
        let end = Self.start + .seconds(24 * 3600)
        #expect(!Self.watch(seconds: 599).isOver(Self.worker, end: end))
        #expect(Self.watch(seconds: 600).isOver(Self.worker, end: end))
    }
}
