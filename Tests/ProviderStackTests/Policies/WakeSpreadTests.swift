import ParleyCore
import ProviderStack
import Testing

@Suite struct WakeSpreadTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    @Test func `Refusals of one moment count as one`() {
        var spread = WakeSpread()
        for _ in 0..<64 { spread.refused(at: start) }
        #expect(spread.width == WakeSpread.widthMin)
        spread.refused(at: start + .seconds(1))
        for _ in 0..<64 { spread.refused(at: start + .milliseconds(1500)) }
        #expect(spread.width == .seconds(2))
    }

    @Test func `It never grows beyond its limit`() {
        var spread = WakeSpread()
        for minute in 0..<60 { spread.refused(at: start + .seconds(minute * 120)) }
        #expect(spread.width == WakeSpread.widthMax)
    }

    @Test func `Answers shrink it again, step by step`() {
        var spread = WakeSpread()
        for second in [0, 1, 3] { spread.refused(at: start + .seconds(second)) }
        #expect(spread.width == .seconds(4))
        spread.answered(at: start + .seconds(4))
        #expect(spread.width == .seconds(4))
        spread.answered(at: start + .seconds(11))
        #expect(spread.width == .seconds(2))
        for second in [20, 40, 60] { spread.answered(at: start + .seconds(second)) }
        #expect(spread.width == WakeSpread.widthMin)
    }

    @Test func `Each request waits its own part of the width`() {
        var random = FixedRandom(state: 5)
        let waits = (0..<100).map { _ in WakeSpread().wait(random: &random) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= WakeSpread.widthMin })
        #expect(Set(waits).count > 50)
    }
}
