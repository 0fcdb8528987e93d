import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `Report period` {
    /// 2025-11-21 02:00 UTC.
    let now = Timestamp(milliseconds: 1_763_690_400_000)

    private func moment(_ text: String, end: Bool = false, zone: ReportZone = .utc) throws -> String {
        try ReportPeriod.moment(text, end: end, now: now, zone: zone).iso8601
    }

    @Test func `A day begins at midnight in the zone, and as an end it counts whole`() throws {
        let zone = try #require(ReportZone("+02:00"))
        #expect(try moment("2025-11-20", zone: zone) == "2025-11-19T22:00:00Z")
        #expect(try moment("2025-11-20", end: true, zone: zone) == "2025-11-20T22:00:00Z")
        #expect(try moment("2025-11-20T10:30", zone: zone) == "2025-11-20T08:30:00Z")
        #expect(try moment("2025-11-20T10:30Z", zone: zone) == "2025-11-20T10:30:00Z")
    }

    @Test func `Today and so long ago are counted from now`() throws {
        #expect(try moment("today") == "2025-11-21T00:00:00Z")
        #expect(try moment("yesterday") == "2025-11-20T00:00:00Z")
        #expect(try moment("36h") == "2025-11-19T14:00:00Z")
        #expect(try moment("2w") == "2025-11-07T02:00:00Z")
    }

    @Test(arguments: ["soon", "2025-02-30", "2025-11-20T25:00", "21.11.2025", ""])
    func `What is no date is refused`(text: String) {
        #expect(throws: ReportPeriodError.unreadable(text)) { try moment(text) }
    }

    @Test func `A period must not end before it starts`() {
        #expect(throws: ReportPeriodError.endsBeforeItStarts) {
            try ReportPeriod(since: "2025-11-20", until: "2025-11-18", now: now, zone: .utc)
        }
    }

    @Test func `Days follow the clock through the change from summer time`() throws {
        let zone = try #require(ReportZone("Europe/Berlin"))
        let lastSummerHour = Timestamp(milliseconds: 1_761_430_000_000)
        #expect(zone.day(of: lastSummerHour) == "2025-10-26")
        #expect(zone.moment(CivilTime(year: 2025, month: 10, day: 27)).iso8601 == "2025-10-26T23:00:00Z")
        #expect(zone.moment(CivilTime(year: 2025, month: 10, day: 26)).iso8601 == "2025-10-25T22:00:00Z")
        #expect(ReportZone("Europe/Atlantis") == nil)
    }

    @Test func `Calendar arithmetic survives leap years and the time before 1970`() {
        for seconds: Int64 in [-86_401, 0, 951_782_400, 1_709_164_799, 4_107_542_400] {
            #expect(CivilTime(secondsSince1970: seconds).secondsSince1970 == seconds)
        }
        #expect(CivilTime(secondsSince1970: 951_782_400).date == "2000-02-29")
    }
}
