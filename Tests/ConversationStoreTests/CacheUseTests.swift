import ParleyCore
import Testing

@testable import ConversationStore

struct CacheUseTests {
    private let short = PrefixKey(short: 3, long: nil)
    private let long = PrefixKey(short: 3, long: 9)

    /// A batch of jobs with these keys.
    private func enqueue(_ keys: [PrefixKey?], batch: String = "batch", in test: TestStore) async throws {
        var chunk = DraftChunk.fixture(keys.indices.map { "\(batch)-\($0)" })
        for (index, key) in keys.enumerated() { chunk.rows[index].prefix = key }
        let draft = BatchDraft(name: batch, settings: .fixture(), source: "test.csv")
        _ = try await test.store.enqueue(draft, keeping: .store) { try $0.insert(chunk) }
    }

    /// Sends the next job and has it answered with that usage; nil = the provider told none.
    private func ask(
        _ usage: Usage?, in test: TestStore, firstToken: Duration? = nil, saying text: String = "What is it?"
    ) async throws {
        let job = try #require(try await test.lease().first)
        let opening = AttemptOpening.fixture(job, messages: [.user(text)], sentAt: test.clock.time.now)
        let sending = Sending(job: job, attempt: try await test.store.open(opening), at: test.clock.time.now)
        var settlement = sending.settled(.answer(.fixture(usage: usage), cost: Picodollars(7)))
        settlement.firstToken = firstToken
        try await test.store.settle(settlement)
        test.clock.advance(by: .seconds(1))
    }

    private func uses(_ query: CacheUseQuery = CacheUseQuery(), in test: TestStore) async throws -> [CacheUse]
    {
        var uses: [CacheUse] = []
        try await test.store.cacheUses(query) { uses.append($0) }
        return uses
    }

    private func sums(_ query: CacheUseQuery = CacheUseQuery(), in test: TestStore) async throws
        -> [CacheUseSums]
    {
        var sums: [CacheUseSums] = []
        try await test.store.cacheUseSums(query) { sums.append($0) }
        return sums
    }

    @Test func `Requests come in the order of sending, with what they read and wrote`() async throws {
        let test = try await TestStore()
        try await enqueue([long, nil], in: test)
        let start = test.clock.time.now
        try await ask(
            Usage(inputUncached: 5, cacheWrite5m: 90, output: 3), in: test, firstToken: .milliseconds(80))
        try await ask(Usage(inputUncached: 5, cacheRead: 90, output: 3), in: test)
        let uses = try await uses(in: test)
        #expect(uses.map(\.prefix) == [long, nil] && uses.map(\.usage.cacheRead) == [0, 90])
        #expect(uses.map(\.sentAt) == [start, start + .seconds(1)])
        #expect(uses.map(\.firstToken) == [.milliseconds(80), .milliseconds(250)])
        #expect(uses.map(\.cost) == [Picodollars(7), Picodollars(7)] && uses.map(\.price) == [nil, nil])
        #expect(uses.allSatisfy { $0.state == "answered" && $0.model == .fixture })
    }

    @Test func `What was asked without an end or without a word on its usage is left out`() async throws {
        let test = try await TestStore()
        try await enqueue([nil, nil, nil], in: test)
        try await ask(nil, in: test)
        _ = try await test.send(try #require(try await test.lease().first))
        try await ask(Usage(inputUncached: 5), in: test)
        #expect(try await uses(in: test).count == 1)
        #expect(try await sums(in: test).map(\.requests) == [1])
    }

    @Test func `Slices leave nothing out and give nothing twice`() async throws {
        let test = try await TestStore()
        let count = Store.cacheUsesAtOnce + 3
        try await enqueue(Array(repeating: short, count: count), in: test)
        for job in try await test.lease(count) {
            try await test.store.settle(try await test.send(job).settled(.answer()))
        }
        let numbers = try await uses(in: test).map(\.attempt)
        #expect(numbers.count == count && numbers == Set(numbers).sorted())
    }

    @Test func `Sums are told by batch and key, those with one beginning together`() async throws {
        let test = try await TestStore()
        try await enqueue([long, nil, short, long], in: test)
        for _ in 0..<4 {
            try await ask(Usage(inputUncached: 10, cacheRead: 20, cacheWrite5m: 30), in: test)
        }
        try await enqueue([nil], batch: "other", in: test)
        try await ask(Usage(inputUncached: 4), in: test)
        let sums = try await sums(in: test)
        #expect(sums.map(\.prefix) == [nil, short, long, nil] && sums.map(\.requests) == [1, 1, 2, 1])
        #expect(sums.map { $0.jobs.count == 1 } == [true, true, false, true])
        #expect(sums[2].readMax == 20 && sums[2].readLeast == 20 && sums[2].heldMax == 50)
        #expect(sums[2].inputLeast == 60 && sums[2].writes && !sums[3].writes && sums[3].readLeast == 0)

        let other = try await test.store.requireBatch(named: "other").id
        #expect(try await self.sums(CacheUseQuery(batch: other), in: test).count == 1)
        #expect(try await uses(CacheUseQuery(batch: other), in: test).map(\.usage.inputUncached) == [4])
    }

    @Test func `A period is widened to whole hours, as for sums`() async throws {
        let test = try await TestStore()
        try await enqueue([nil], in: test)
        try await ask(Usage(inputUncached: 5), in: test)
        let now = test.clock.time.now
        let later = CacheUseQuery(since: now + .seconds(3600))
        #expect(try await uses(CacheUseQuery(since: now), in: test).count == 1)
        #expect(try await uses(later, in: test).isEmpty)
        #expect(try await sums(later, in: test).isEmpty)
        #expect(try await uses(CacheUseQuery(until: now - .seconds(3600)), in: test).isEmpty)
    }

    @Test func `The first words of a prompt come after what all prompts begin with`() async throws {
        let test = try await TestStore()
        try await enqueue([nil, nil, nil], in: test)
        try await ask(Usage(), in: test, saying: "Read é this: a document")
        try await ask(Usage(), in: test, saying: "Something else")
        let jobs = try await uses(in: test).map(\.job) + [JobID(99)]
        let openings = try await test.store.openings(of: jobs, after: "Read é this: ", characters: 9)
        #expect(openings == [jobs[0]: "a documen", jobs[1]: "Something"])
        #expect(try await test.store.openings(of: [jobs[0]], characters: 6) == [jobs[0]: "Read é"])
    }
}
