import ParleyCore
import Testing

@Suite struct PolicyStateTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)

    /// A state whose next request is due so many seconds from now.
    private func due(_ seconds: Double, pausedFor pause: Double? = nil) -> LimiterState {
        var state = LimiterState()
        state.requestsDueAt = now.milliseconds * 1_000_000 + Int64(seconds * 1e9)
        state.pausedUntil = pause.map { now + .milliseconds(Int64($0 * 1000)) }
        return state
    }

    @Test func `What two processes have taken of a limit adds up`() {
        #expect(due(12).merged(with: due(15), since: due(10), at: now) == due(17))
    }

    @Test func `What somebody gave back is given back`() {
        #expect(due(12).merged(with: due(8), since: due(10), at: now) == due(10))
    }

    @Test func `Time that passed unused is not taken twice`() {
        let idle = due(-600)
        #expect(due(1).merged(with: due(2), since: idle, at: now) == due(3.5))
        #expect(idle.merged(with: due(2), since: idle, at: now) == due(2))
    }

    @Test func `Without others nothing changes`() {
        #expect(due(12, pausedFor: 3).merged(with: due(10), since: due(10), at: now) == due(12, pausedFor: 3))
    }

    @Test func `The longer pause holds`() {
        let merged = due(0, pausedFor: 3).merged(with: due(0, pausedFor: 9), since: due(0), at: now)
        #expect(merged == due(0, pausedFor: 9))
    }

    @Test func `A told limit that changed here goes before one that changed elsewhere`() {
        var mine = due(0)
        mine.told.requests = 60
        var others = due(0)
        others.told.requests = 90
        #expect(mine.merged(with: others, since: due(0), at: now).told.requests == 60)
        #expect(due(0).merged(with: others, since: due(0), at: now).told.requests == 90)
    }

    @Test func `Of two learnt paces the one that was lowered last holds, then the one that was changed last`()
    {
        func learnt(_ perMinute: Double, lowered: Double, changed: Double) -> LimiterState {
            var state = due(0)
            state.learnt = LearntPace(
                perMinute: perMinute, loweredAt: now + .seconds(lowered), changedAt: now + .seconds(changed))
            return state
        }
        let lowered = learnt(30, lowered: 5, changed: 5)
        let raised = learnt(90, lowered: 1, changed: 9)
        #expect(lowered.merged(with: raised, since: due(0), at: now).learnt == lowered.learnt)
        #expect(raised.merged(with: lowered, since: due(0), at: now).learnt == lowered.learnt)
        let more = learnt(40, lowered: 5, changed: 7)
        #expect(lowered.merged(with: more, since: due(0), at: now).learnt == more.learnt)
        #expect(due(0).merged(with: more, since: due(1), at: now).learnt == more.learnt)
    }

    @Test(arguments: [
        (
            BreakerState.closed(failures: 2), BreakerState.closed(failures: 4),
            BreakerState.closed(failures: 4)
        ),
        (
            .closed(failures: 2), .open(until: Timestamp(milliseconds: 9)),
            .open(until: Timestamp(milliseconds: 9))
        ),
        (.closed(failures: 0), .open(until: Timestamp(milliseconds: 9)), .closed(failures: 0)),
        (
            .open(until: Timestamp(milliseconds: 5)), .closed(failures: 3),
            .open(until: Timestamp(milliseconds: 5))
        ),
    ])
    func `Of two breakers, who has seen an answer is right, else who has seen more failures`(
        mine: BreakerState, others: BreakerState, merged: BreakerState
    ) {
        #expect(mine.merged(with: others, since: .closed(failures: 1)) == merged)
    }

    @Test func `A breaker that did not change here takes over what others know`() {
        let open = BreakerState.open(until: now)
        let base = BreakerState.closed(failures: 1)
        #expect(base.merged(with: open, since: base) == open)
        #expect(open.merged(with: base, since: base) == open)
    }
}
