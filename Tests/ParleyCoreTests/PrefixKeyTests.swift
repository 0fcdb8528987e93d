import ParleyCore
import Testing

@Suite struct PrefixKeyTests {
    @Test func `Both levels are in one positive number, and come out again`() {
        let key = PrefixKey(short: 5, long: 7)
        #expect(key.number == 5 << 31 | 7 && key.short == 5 && key.hasLong)
        #expect(PrefixKey(key.number) == key)
        #expect(PrefixKey(short: .max, long: .max).number == .max >> 1)
    }

    @Test func `A hash of nothing is still one, and a missing level is none`() {
        #expect(PrefixKey(short: 0, long: 0) == PrefixKey(short: 1, long: 1))
        #expect(PrefixKey(short: 1 << 31, long: nil) == PrefixKey(short: 1, long: nil))
        #expect(!PrefixKey(short: 5, long: nil).hasLong)
    }

    @Test func `Keys with one first level are siblings, and stand together in their order`() {
        let keys = [
            PrefixKey(short: 4, long: .max), PrefixKey(short: 5, long: nil), PrefixKey(short: 5, long: 1),
            PrefixKey(short: 5, long: .max), PrefixKey(short: 6, long: nil),
        ]
        #expect(keys.sorted() == keys)
        let siblings = keys[2].siblings
        #expect(keys.map { siblings.contains($0.number) } == [false, true, true, true, false])
    }
}
