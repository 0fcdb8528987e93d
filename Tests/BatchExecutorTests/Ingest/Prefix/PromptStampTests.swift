import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct PromptStampTests {
    /// 2026-11-21 12:00 UTC.
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)

    private func fresh(_ text: String) -> [PromptStamp] { StampScanner(text).fresh(at: Self.now) }

    @Test(arguments: [
        "2026-11-21T10:00:01Z", "2026-11-21 10:00", "2026-11-20T23:59:59.123+02:00",
        "Sat, 21 Nov 2026 10:00:01 +0000", "Sat, 21 Nov 2026 10:00:01 GMT", "1795262399", "1795262399123",
    ])
    func `A time of these days is a stamp`(words: String) {
        let found = fresh("You are kind.\nIt is \(words) here, and all is well.")
        #expect(found.map(\.kind) == [.time] && found.first?.words == words)
        #expect(found.first?.place == TextPlace(line: 2, column: 7))
        #expect(found.first?.tokensAfter == 6)
    }

    @Test(arguments: [
        "2026-11-21", "November 21, 2026", "Nov 20 2026", "21 November 2026", "22. Nov. 2026",
        "21st November 2026",
    ])
    func `A date of these days is a stamp`(words: String) {
        #expect(fresh("Written on \(words).").map(\.kind) == [.date])
    }

    @Test func `A date that is called today's is one, whenever that was`() {
        #expect(fresh("Today is 2024-01-31.").map(\.words) == ["2024-01-31"])
        #expect(fresh("The current date: January 31, 2024").map(\.kind) == [.date])
    }

    @Test(arguments: [
        "Write dates as 2026-01-31T14:00:00Z.", "The law of 2024-01-31 holds.",
        "Since May 5, 2019 we deliver.",
        "Call 4915112345 or 0301234567.", "Order 1234567890 of 1999999999 units.", "Today is a good day.",
        "ISBN 9783161484100", "Version 10.15.2, section 2026-11", "a2026-11-21b",
    ])
    func `Dates and numbers that belong to what is said are none`(text: String) {
        #expect(fresh(text) == [])
    }

    @Test(arguments: [
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "9e107d9d372bb6826bd81d3542a419d6", "V1StGXR8Z5jdHi6BmyT0aQ7p",
    ])
    func `A random id is a stamp`(word: String) {
        #expect(fresh("Session \(word):").map(\.kind) == [.identifier])
    }

    @Test(arguments: [
        "Donaudampfschifffahrtsgesellschaftskapitän", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "AbstractSingletonProxyFactoryBean2", "getCustomerAddressByIdentifier",
        "00000000000000000000000000000001",
        "https://example.com/handbook/returns-and-refunds", "THE_QUICK_BROWN_FOX_JUMPS_OVER",
    ])
    func `A long word is none`(word: String) {
        #expect(fresh("See \(word).") == [])
    }

    @Test func `Only the first of each kind is told`() {
        #expect(fresh("2026-11-21 and 2026-11-22, at 2026-11-21T10:00Z").map(\.kind) == [.date, .time])
    }

    @Test func `Texts that differ in stamps only have the same mask`() {
        let one = StampScanner("At 2020-01-01T10:00Z for 3f2504e0-4f89-41d3-9a0c-0305e82c3301: be brief.")
        let other = StampScanner("At 2021-05-06T11:30Z for 6f2504e0-4f89-41d3-9a0c-0305e82c3309: be brief.")
        #expect(one.masked == other.masked && one.text != other.text)
        #expect(one.first(differingFrom: other)?.words == "2020-01-01T10:00Z")
        #expect(StampScanner("At noon: be kind.").masked != StampScanner("At noon: be brief.").masked)
    }
}
