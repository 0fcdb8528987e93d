import Foundation
import ParleyCore
import Testing

@testable import BatchExecutor

struct DeadlineTests {
    private let berlin = TimeZone(identifier: "Europe/Berlin")!

    @Test(arguments: [("45s", 45), ("90m", 5400), ("2h", 7200), ("3d", 259_200), ("120", 120)])
    func `A length of time has a unit, or is in seconds`(text: String, seconds: Int) {
        #expect(Duration(written: text) == .seconds(seconds))
    }

    @Test(arguments: ["", "h", "-1h", "0", "1.5h", "2 h", "1w"])
    func `Anything else is no length of time`(text: String) {
        #expect(Duration(written: text) == nil)
    }

    @Test func `So long from now is counted from when it is said`() {
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        #expect(Deadline("2h")?.moment(from: now) == now + .seconds(7200))
    }

    @Test(arguments: [
        ("2026-11-22T08:00Z", 1_795_334_400), ("2026-11-22T08:00:30Z", 1_795_334_430),
        ("2026-11-22T08:00+02:00", 1_795_327_200), ("2026-11-22 08:00", 1_795_330_800),
        ("2026-11-22", 1_795_388_400),
    ])
    func `A moment is where the machine stands, unless it says otherwise; a day is its end`(
        text: String, seconds: Int64
    ) {
        #expect(Deadline(text, zone: berlin) == .at(Timestamp(milliseconds: seconds * 1000)))
    }

    @Test(arguments: ["tomorrow", "2026-13-01", "2026-11-22T25:00", "22.11.2026"])
    func `What is no moment is refused`(text: String) {
        #expect(Deadline(text, zone: berlin) == nil)
    }
}
