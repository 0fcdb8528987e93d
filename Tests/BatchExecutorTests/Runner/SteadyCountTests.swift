import Testing

@testable import BatchExecutor

@Suite struct SteadyCountTests {
    private func count(_ readings: Int...) -> SteadyCount {
        var count = SteadyCount()
        for reading in readings { count.read(reading) }
        return count
    }

    @Test func `The first reading is taken as it is`() {
        #expect(SteadyCount().value == nil)
        #expect(count(4000).value == 4000)
    }

    @Test func `A reading that is off by one for a moment changes nothing`() {
        #expect(count(4000, 3999).value == 4000)
        #expect(count(4000, 3999).isInDoubt)
        #expect(!count(4000, 3999, 4000).isInDoubt)
        #expect(count(4000, 3999, 4000, 4001).value == 4000)
    }

    @Test func `Readings that lie on both sides change nothing`() {
        #expect(count(4000, 3990, 4012, 4003).value == 4000)
    }

    @Test func `Three readings on one side are believed, the middle one most`() {
        #expect(count(4000, 4100, 4098, 4101).value == 4100)
        #expect(count(4000, 3900, 3890, 3880).value == 3890)
    }
}
