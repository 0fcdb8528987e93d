import Testing

@testable import BatchExecutor

/// Whatever the order, and whatever happens to a leader: everything is answered, once, and nobody waits for ever.
struct OrderPropertyTests {
    @Test(arguments: 0..<12) func `Every job is answered once, and priorities hold between groups`(
        part: UInt64
    ) {
        for seed in part * 50..<(part + 1) * 50 {
            var world = OrderWorld(seed: seed)
            let hasEnded = world.run()
            #expect(hasEnded, "seed \(seed): \(world.answered.count) of \(world.count) are answered")
            #expect(world.answered.sorted() == Array(1...world.count), "seed \(seed)")
            #expect(world.violations == [], "seed \(seed)")
            guard hasEnded, world.violations.isEmpty else { return }
        }
    }

    @Test func `The order of arrival gives the same set of answers`() {
        for seed in UInt64(0)..<50 {
            var (ordered, arrival) = (OrderWorld(seed: seed), OrderWorld(seed: seed, isOrdered: false))
            #expect(ordered.run() && arrival.run())
            #expect(ordered.answered.sorted() == arrival.answered.sorted(), "seed \(seed)")
        }
    }
}
