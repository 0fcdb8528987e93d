import ConversationStore
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

/// The small values behind the order: what is warm, how many copies there are, and what an entry is worth.
struct CacheValueTests {
    private let now = Timestamp(milliseconds: 1_795_000_000_000)
    private let claude = PromptCacheRules.rules(for: ModelName("anthropic/claude-sonnet-5")!)

    @Test func `A beginning is warm from its leader's first token until its life after the last use is over`()
    {
        var warmth = CacheWarmth()
        #expect(!warmth.isWarm(by: claude, at: now) && warmth.mayBeLed(at: now))
        warmth.lead(JobID(1), by: claude, at: now)
        #expect(!warmth.mayBeLed(at: now) && !warmth.isWarm(by: claude, at: now))
        warmth.ripen(by: JobID(1), at: now + .seconds(2))
        #expect(warmth.isWarm(by: claude, at: now + .seconds(200)))
        #expect(!warmth.isWarm(by: claude, at: now + .seconds(302)))
        warmth.use(at: now + .seconds(200))
        #expect(warmth.isWarm(by: claude, at: now + .seconds(400)))
        #expect(!warmth.isAtRisk(by: claude, at: now + .seconds(400)))
        #expect(warmth.isAtRisk(by: claude, at: now + .seconds(415)))
    }

    @Test func `What has gone cold needs all of its leaders anew`() {
        let deepSeek = PromptCacheRules.rules(for: ModelName("deepseek/deepseek-chat")!)
        var warmth = CacheWarmth()
        for job in 1...2 {
            #expect(!warmth.isWarm(by: deepSeek, at: now))
            warmth.lead(JobID(Int64(job)), by: deepSeek, at: now)
            warmth.ripen(by: JobID(Int64(job)), at: now)
        }
        #expect(warmth.isWarm(by: deepSeek, at: now))
        let later = now + .seconds(10_000)
        warmth.lead(JobID(3), by: deepSeek, at: later)
        warmth.ripen(by: JobID(3), at: later)
        #expect(!warmth.isWarm(by: deepSeek, at: later))
    }

    @Test
    func `A leader that fails leaves the lead to another, and one that is silent for long is joined by one`()
    {
        var warmth = CacheWarmth()
        warmth.lead(JobID(1), by: claude, at: now)
        warmth.lose(JobID(1))
        #expect(warmth.mayBeLed(at: now))
        warmth.lead(JobID(2), by: claude, at: now)
        #expect(!warmth.mayBeLed(at: now + .seconds(29)))
        #expect(warmth.mayBeLed(at: now + .seconds(30)))
        warmth.lead(JobID(3), by: claude, at: now + .seconds(30))
        #expect(!warmth.mayBeLed(at: now + .seconds(31)))
    }

    @Test func `A copy has room for so many a minute, which begins with its first`() {
        var shards = CacheShards()
        #expect(shards.room(in: 0, of: 15, at: now) == 15)
        for _ in 1...15 { shards.use(0, at: now) }
        #expect(shards.room(in: 0, of: 15, at: now + .seconds(60)) == 0)
        #expect(shards.room(in: 0, of: 15, at: now + .seconds(61)) == 15)
        shards.use(1, at: now)
        #expect(shards.count == 2 && shards.room(in: 1, of: 15, at: now) == 14)
    }

    @Test(
        arguments: [
            // Alone: writing costs more than it can save.
            (1, 1, PromptCacheWish.Retention.none), (1, 600, .none),
            // 1.25 + 0.1 is less than 2.
            (2, 1, .standard), (10, 1, .standard),
            // Further apart than five minutes: 2 + 0.1 is more than 2, 2 + 0.2 less than 3.
            (2, 600, .none), (3, 600, .hour), (100, 3000, .hour),
            // Further apart than an hour nothing helps.
            (100, 4000, .none),
        ])
    func `An entry is written where that is cheaper`(
        jobs: Int, gap: Int, expected: PromptCacheWish.Retention
    ) {
        #expect(CacheArithmetic(rules: claude, jobs: jobs, gap: .seconds(gap)).best == expected)
    }

    @Test func `The arithmetic is that of the shares`() {
        let arithmetic = CacheArithmetic(rules: claude, jobs: 10, gap: .seconds(10))
        #expect(abs(arithmetic.cost(of: .standard) - 2.15) < 1e-9)
        #expect(abs(arithmetic.cost(of: .hour) - 2.9) < 1e-9)
        #expect(arithmetic.cost(of: .none) == 10)
        let slow = CacheArithmetic(rules: claude, jobs: 10, gap: .seconds(600))
        #expect(slow.cost(of: .standard) == 12.5)
    }

    @Test func `Where writing costs nothing, the provider's own lifetime is left as it is`() {
        let openAI = PromptCacheRules.rules(for: ModelName("openai/gpt-5")!)
        for gap in [1, 1000, 100_000] {
            #expect(CacheArithmetic(rules: openAI, jobs: 1, gap: .seconds(gap)).best == .standard)
        }
    }

    @Test func `The pace is a mean in which the newest distance counts most`() {
        var gauge = PaceGauge()
        #expect(gauge.mean == nil)
        gauge.note(at: now)
        gauge.note(at: now + .seconds(10))
        #expect(gauge.mean == .seconds(10))
        gauge.note(at: now + .seconds(10))
        #expect(gauge.mean == .seconds(8))
    }

    @Test func `A cursor goes round once, from where it began`() {
        func job(_ key: Int64) -> LeasedJob {
            var job = LeasedJob(
                lease: Lease(job: JobID(key), token: Array(repeating: 1, count: 16)), batch: BatchID(1),
                key: "", input: "{}", prefix: PrefixKey(key))
            job.opensBeginning = true
            return job
        }
        var cursor = BeginningCursor(start: 500)
        cursor.note([job(600), job(700)])
        #expect(cursor.after == 700 && !cursor.isExhausted)
        cursor.note([])
        #expect(cursor.after == 0 && !cursor.isExhausted)
        cursor.note([job(3)])
        #expect(cursor.after == 3)
        cursor.note([])
        #expect(cursor.isExhausted)
    }
}
