import ConversationStore
import ParleyCore
import Testing

/// Handing out jobs by the beginnings that they share.
@Suite struct PrefixLeaseTests {
    private static let first = PrefixKey(short: 10, long: 1)
    private static let sibling = PrefixKey(short: 10, long: 2)
    private static let second = PrefixKey(short: 20, long: nil)

    /// A batch of these rows, and what it hands out for the orders.
    private struct Bench {
        let test: TestStore
        let batch: BatchID

        init(_ rows: [(key: String, prefix: PrefixKey?)]) async throws {
            test = try await TestStore()
            batch = try await test.store.enqueue(BatchDraft(name: "batch", settings: .fixture())) {
                inserter in
                var chunk = DraftChunk.fixture(rows.map(\.key))
                for index in rows.indices { chunk.rows[index].prefix = rows[index].prefix }
                try inserter.insert(chunk)
            }.batch
        }

        func lease(_ orders: PrefixOrders, upTo count: Int = 100) async throws -> [LeasedJob] {
            try await test.store.lease(
                upTo: count, by: .beginnings([batch: orders], others: PrefixOrders()),
                worker: try await test.worker(), for: .seconds(60))
        }
    }

    private static let mixed: [(key: String, prefix: PrefixKey?)] = [
        ("b1", second), ("a1", first), ("x", nil), ("s1", sibling), ("a2", first), ("b2", second),
        ("a3", first),
        ("b3", second),
    ]

    @Test func `More of one beginning come in the order of the file, and no others`() async throws {
        let bench = try await Bench(Self.mixed)
        let keys = Self.first.number...Self.first.number
        let orders = PrefixOrders(more: [.init(keys, count: 2)], takesOthers: false)
        #expect(try await bench.lease(orders).map(\.key) == ["a1", "a2"])
        #expect(try await bench.lease(orders).map(\.key) == ["a3"])
        #expect(try await bench.lease(orders).isEmpty)
    }

    @Test func `Those with the shorter beginning stand by the longer one`() async throws {
        let bench = try await Bench(Self.mixed)
        let jobs = try await bench.lease(PrefixOrders(more: [.init(Self.first.siblings, count: 9)]))
        #expect(jobs.map(\.key) == ["a1", "a2", "a3", "s1"])
        #expect(jobs.allSatisfy { !$0.opensBeginning })
    }

    @Test func `New beginnings come in the order of their keys, so many jobs of each`() async throws {
        let bench = try await Bench(Self.mixed)
        let jobs = try await bench.lease(PrefixOrders(beginnings: 2, jobsPerBeginning: 3))
        #expect(jobs.map(\.key) == ["a1", "a2", "a3", "s1", "b1", "b2"])
        #expect(jobs.allSatisfy { $0.opensBeginning })
    }

    @Test func `New beginnings come from behind the cursor only`() async throws {
        let bench = try await Bench(Self.mixed)
        let orders = PrefixOrders(
            after: Self.sibling.number, beginnings: 5, jobsPerBeginning: 1, takesOthers: false)
        #expect(try await bench.lease(orders).map(\.key) == ["b1"])
        let behindAll = PrefixOrders(after: Self.second.number, beginnings: 5, takesOthers: false)
        #expect(try await bench.lease(behindAll).isEmpty)
        #expect(try await bench.lease(PrefixOrders(after: .max, beginnings: 1, takesOthers: false)).isEmpty)
    }

    @Test func `No more come than were asked for`() async throws {
        let bench = try await Bench(Self.mixed)
        let orders = PrefixOrders(more: [.init(Self.first.siblings, count: 9)], beginnings: 3)
        #expect(try await bench.lease(orders, upTo: 5).map(\.key) == ["a1", "a2", "a3", "s1", "b1"])
    }

    @Test func `Each says how many others wait that share its beginnings`() async throws {
        let bench = try await Bench(Self.mixed)
        let some = PrefixOrders(
            more: [
                .init(Self.first.number...Self.first.number, count: 1), .init(Self.second.siblings, count: 1),
            ])
        let jobs = try await bench.lease(some)
        #expect(jobs.map(\.mates) == [PrefixMates(short: 3, long: 2), PrefixMates(short: 2, long: 2)])
        let rest = try await bench.lease(PrefixOrders(beginnings: 9, jobsPerBeginning: 9))
        #expect(rest.map(\.mates) == Array(repeating: .none, count: 5))
        #expect(try await bench.lease(PrefixOrders()).map(\.mates) == [.none])
    }

    @Test func `Mates are counted up to a limit`() async throws {
        let rows = (0...PrefixMates.countMax + 9).map { ("a\($0)", PrefixKey?.some(Self.first)) }
        let job = try #require(try await Bench(rows).lease(PrefixOrders(beginnings: 1), upTo: 1).first)
        #expect(job.mates == PrefixMates(short: PrefixMates.countMax, long: PrefixMates.countMax))
    }

    @Test func `What was asked before and is due again comes before all beginnings`() async throws {
        let bench = try await Bench(Self.mixed)
        let test = bench.test
        let keys = Self.second.siblings
        let job = try #require(try await bench.lease(PrefixOrders(more: [.init(keys, count: 1)])).first)
        let sending = try await test.send(job)
        try await test.store.settle(
            sending.settled(.failure(.retry(at: test.clock.time.now + .seconds(5), candidate: 0))))
        test.clock.advance(by: .seconds(6))
        let jobs = try await bench.lease(PrefixOrders(beginnings: 1, jobsPerBeginning: 1), upTo: 2)
        #expect(jobs.map(\.key) == ["b1", "a1"])
        #expect(jobs[0].prefix == Self.second && jobs.map(\.opensBeginning) == [false, true])
    }

    @Test func `Where no beginning is left, others come in the order of the file`() async throws {
        let bench = try await Bench([("z", nil), ("a", nil), ("k", Self.first)])
        let keyed = PrefixOrders(beginnings: 1)
        #expect(try await bench.lease(keyed).map(\.key) == ["k"])
        var orders = PrefixOrders(beginnings: 1, takesOthers: false)
        #expect(try await bench.lease(orders).isEmpty)
        orders.takesOthers = true
        #expect(try await bench.lease(orders).map(\.key) == ["z", "a"])
    }
}
