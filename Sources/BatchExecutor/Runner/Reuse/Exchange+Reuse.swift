import ConversationStore
import Logging
import ParleyCore

/// What a request has to do with others that ask the same.
extension Exchange {
    private var key: IdenticalRequests.Key {
        IdenticalRequests.Key(batch: reuse?.reuses == true ? nil : job.batch, digest: digest)
    }

    private var waiting: IdenticalRequests.Waiting {
        IdenticalRequests.Waiting(job: job, lane: admission.lane)
    }

    /// Whether the job asks nothing now: it has got a copy of an answer, or waits for one, or was given back.
    ///
    /// It comes before limits and budget: what is not sent takes nothing of them.
    mutating func isShared() async throws -> Bool {
        reuse = run.reuseScope(of: plan)
        guard let scope = reuse else { return false }
        while true {
            guard let (place, goers) = run.reuse.enter(waiting, with: key) else {
                try await giveBack()
                return true
            }
            run.goOn(goers)
            switch place {
            case .asksAnyway:
                reuse?.waits = false
                return false
            case .waits:
                isHandedIn = true
                return true
            case .copies:
                if try await copyAnswer() { return true }
                run.reuse.forget(key)
            case .asks:
                switch try await run.store.known(digest, to: job.batch, in: scope) {
                case .nothing: return false
                case .inAir:
                    try await waitElsewhere()
                    return true
                case .answered:
                    guard try await copyAnswer() else { return false }
                    run.passOn(job.lease.job, as: .answered(request))
                    return true
                }
            }
        }
    }

    /// Writes the request down, if there is room for it in the budget; nil when nothing is to be sent after all.
    mutating func openShared(_ worstCase: Picodollars) async throws -> BudgetedOpening? {
        guard reuse != nil else { return try await open(worstCase) }
        let shared: SharedOpening
        do {
            shared = try await run.store.openShared(opening(worstCase), within: run.wall.budget)
        } catch {
            run.wall.leave(worstCase)
            throw error
        }
        switch shared {
        case .asked(let opening):
            run.wall.leave(worstCase, word: opening.standing)
            return opening
        case .reused(let answer):
            run.wall.leave(worstCase)
            run.count(answer, of: job)
            run.passOn(job.lease.job, as: .answered(request))
        case .inAir:
            run.wall.leave(worstCase)
            try await waitElsewhere()
        }
        return nil
    }

    private mutating func waitElsewhere() async throws {
        isHandedIn = run.reuse.waitElsewhere(waiting, for: key)
        if !isHandedIn { try await giveBack() }
    }

    /// False when there is no answer to be copied any more.
    private func copyAnswer() async throws -> Bool {
        switch try await run.store.copyAnswers(for: [opening(.zero)])[0] {
        case .reused(let answer): run.count(answer, of: job)
        case .leaseLost: break
        case .gone: return false
        }
        return true
    }

    /// Lets those go on who wait for what became of this request.
    func passOn(_ outcome: Settlement.Outcome) {
        guard reuse != nil else { return }
        let end: IdenticalRequests.End =
            switch outcome {
            case .answered(let completion, _, _):
                completion.finishReason.isShareable ? .answered(request) : .unshareable
            case .failed(_, _, .fail): .failed
            case .failed, .interrupted: .open
            }
        run.passOn(job.lease.job, as: end)
    }
}
