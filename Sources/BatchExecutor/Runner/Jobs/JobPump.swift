import ConversationStore
import Logging
import ParleyCore

/// Keeps the feed filled with leased jobs, and ends it when nothing is left to do.
struct JobPump: Sendable {
    /// How often it looks for work while there is none.
    private static let lookEvery = Duration.milliseconds(100)
    /// The same while jobs wait for a leader, which may be over any moment; doubled each time.
    private static let lookEveryLed = Duration.milliseconds(5)
    /// How often it looks at what another process holds.
    private static let lookEveryIdle = Duration.milliseconds(500)
    /// How often it looks when nothing is left. Whatever comes anew stirs it before (see ``BatchRunner/look(_:batches:)``);
    /// this is for what nobody tells, such as a job that another process has given back.
    private static let lookEveryDone = Duration.seconds(3)
    /// How often the jobs of workers that died are looked for while we wait for them.
    private static let rescueEvery = Duration.seconds(1)
    /// The most jobs whose deadline has passed that are ended in one transaction.
    private static let expiredMax = 1000

    /// So long a run that watches leaves a provider alone that took no key or had no money. Whoever has put that right
    /// need not start it again.
    private static let closedFor = Duration.seconds(300)

    let run: RunContext
    let worker: Worker
    /// Nil = every batch, those to come included.
    let batches: [BatchID]?
    let chunk: Int

    func work() async throws {
        do {
            try await fill()
        } catch {
            await end()
            throw error
        }
        await end()
    }

    private func fill() async throws {
        var rescuedAt = run.time.now
        var reopenedAt = run.time.now
        var look = Self.lookEveryLed
        while !run.halt.isStopping {
            await run.feed.starved()
            await run.reuse.room()
            if run.halt.isStopping { return }
            if run.settings.watches, run.time.now.since(reopenedAt) >= Self.closedFor {
                reopenedAt = run.time.now
                run.governor.reopen()
                run.halt.reopen()
            }
            let closed = run.halt.closedBatches
            if let batches, closed.isSuperset(of: batches) { return }
            try await expire()
            let jobs = try await lease(except: closed)
            if !jobs.isEmpty {
                try await hand(out: jobs)
                look = Self.lookEveryLed
                continue
            }
            let now = run.time.now
            if now.since(rescuedAt) >= Self.rescueEvery {
                rescuedAt = now
                try await run.rescuer(worker, batches).look()
            }
            guard let wait = try await waitForWork(except: closed, at: now) else { return }
            if run.feed.isLed, wait >= look {
                await rest(for: look)
                look = min(look * 2, Self.lookEvery)
            } else {
                await rest(for: wait)
            }
        }
    }

    private func lease(except closed: Set<BatchID>) async throws -> [LeasedJob] {
        let orders = run.feed.orders(upTo: chunk)
        let deep = chunk * JobLanes.lanesDeep
        // Jobs that wait for a leader lie there beside those that may go.
        let full = run.feed.saturated(at: orders == nil ? chunk : deep, deep: deep)
        let jobs = try await run.store.lease(
            upTo: chunk, from: batches, except: closed.union(full).union(orders?.enough ?? []),
            by: orders?.order ?? .arrival, worker: worker, for: run.settings.leaseDuration)
        if let orders { run.feed.note(jobs, for: orders.order) }
        return jobs
    }

    /// Sleeps, but not through news.
    private func rest(for wait: Duration) async {
        let until = run.time.now + wait
        while !run.halt.isStopping, !run.feed.isStirred {
            let left = until.since(run.time.now)
            guard left > .zero, (try? await run.time.sleep(for: min(left, Self.restSlice))) != nil else {
                return
            }
        }
    }

    private static let restSlice = Duration.milliseconds(250)

    /// How long to sleep before looking again; nil when there is nothing to wait for.
    private func waitForWork(except closed: Set<BatchID>, at now: Timestamp) async throws -> Duration? {
        if !run.holdings.isEmpty { return Self.lookEvery }
        if let due = try await run.store.nextDue(from: batches, except: closed) {
            return min(max(due.since(now), .milliseconds(1)), Self.lookEvery)
        }
        // What another process holds is waited for: "all done" must be true for whoever asked us.
        let pending = try await run.store.pending(from: batches, except: closed)
        if pending.leased + pending.sent > 0 { return Self.lookEveryIdle }
        // Whoever has paused a batch under our hands may let it go on again.
        let paused = try await run.store.pausedWithWork()
        if !run.board.seenOpen.subtracting(closed).isDisjoint(with: paused) { return Self.lookEveryDone }
        return run.settings.watches ? Self.lookEveryDone : nil
    }

    private func hand(out jobs: [LeasedJob]) async throws {
        run.holdings.take(jobs)
        if jobs.contains(where: { run.plans[$0.batch] == nil }) {
            try run.plans.set(try await run.store.batches())
        }
        run.feed.add(jobs.map { run.laneWork(for: $0) })
    }

    /// Ends the jobs of batches whose deadline has passed; see ``Store/expire(_:upTo:)``.
    private func expire() async throws {
        for batch in run.board.overdue(at: run.time.now) {
            while true {
                let keys = try await run.store.expire(batch, upTo: Self.expiredMax)
                for key in keys {
                    run.tally.failed(key, in: batch, message: Store.deadlineFault, at: run.time.now)
                    run.tell(
                        .failed(JobReport(batch: run.plans[batch]?.batch.name ?? "", key: key, attempt: 0)))
                }
                if keys.count < Self.expiredMax { break }
            }
        }
    }

    /// Ends the feed and gives back what nobody took.
    private func end() async {
        let left = run.withdrawAll()
        guard !left.isEmpty else { return }
        do {
            try await run.store.release(left.map(\.lease), dueAt: run.time.now)
        } catch {
            run.logger.warning("jobs will be free when their lease runs out", metadata: ["error": "\(error)"])
        }
        run.holdings.drop(left)
    }
}
