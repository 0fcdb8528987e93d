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

    @Test func `One request a second is no more than 60 a minute from the start`() {
        var window = RateWindow(start: start, isOfSteps: true)
        for second in 0..<30 {
            window.add(1, at: start + .seconds(second))
            guard second >= 2 else { continue }
            let rate = window.perMinute(at: start + .seconds(second))
            #expect((rate - 60).magnitude <= 10, "\(rate) after \(second) s")
        }
    }

    @Test func `A steady stream shows a steady rate at every moment of a second`() {
        var window = RateWindow(start: start)
        for tick in 0..<1200 {
            let now = start + .milliseconds(100 * tick)
            window.add(5, at: now)
            guard tick >= 600 else { continue }
            #expect((window.perMinute(at: now + .milliseconds(99)) - 3000).magnitude < 10)
        }
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
