import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct RateWindowTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_000)

    @Test func `In the first minute the rate is over the time since the start`() {
        var window = RateWindow(start: start)
        for second in 0..<10 { window.add(5, at: start + .seconds(second)) }
        #expect(window.perMinute(at: start + .seconds(10)) == 300)
    }

    @Test func `What is older than a minute does not count`() {
        var window = RateWindow(start: start)
        window.add(600, at: start)
        #expect(window.perMinute(at: start + .seconds(59)) > 600)
        #expect(window.perMinute(at: start + .seconds(61)) == 0)
    }

    @Test func `A long silence empties the window`() {
        var window = RateWindow(start: start)
        window.add(600, at: start)
        #expect(window.perMinute(at: start + .seconds(86_400)) == 0)
    }

    @Test func `A clock that is set back loses nothing`() {
        var window = RateWindow(start: start)
        window.add(60, at: start + .seconds(30))
        window.add(60, at: start + .seconds(5))
        #expect(window.perMinute(at: start + .seconds(60)) == 120)
    }
}
