import ParleyCore
import Synchronization
import Testing

struct TimeSourceTests {
    @Test func `A steady clock goes by what has passed and asks nobody for the time again`() {
        let passed = Mutex(Duration.zero)
        let start = Timestamp(milliseconds: 1_795_000_000_000)
        let time = TimeSource.steady(from: start, elapsed: { passed.withLock { $0 } })
        #expect(time.now == start)
        passed.withLock { $0 = .seconds(90) }
        #expect(time.now == start + .seconds(90))
    }

    @Test func `The program's own clock never goes back`() {
        var last = TimeSource.system.now
        for _ in 0..<10_000 {
            let now = TimeSource.system.now
            #expect(now >= last)
            last = now
        }
    }
}
