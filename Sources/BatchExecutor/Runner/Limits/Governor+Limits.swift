import ConversationStore
import Logging
import ParleyCore
import ProviderStack
import Synchronization

// What the limits say before a request is made, for whoever has a choice of models.
extension Governor {
    /// How long the provider wants to be left alone by this model's requests: its own wish, or its breaker's rest.
    func askedWait(of model: ModelName) -> Duration {
        withBook(model) { $0.askedWait(of: $1, at: time.now) }
    }

    /// How long a request of this model would have to wait if it came now.
    func expectedWait(of model: ModelName) -> Duration {
        withBook(model) { $0.expectedWait(of: $1, at: time.now) }
    }

    /// How long whoever asked for a turn now would wait at least; more than nothing also when others stand there before it, or
    /// as many requests are in the air as may be.
    func turnWait(of model: ModelName) -> Duration {
        let name = name(of: model)
        let now = time.now
        return desk.state.withLock { desk in
            let isFree = desk.book.room(of: name) > 0 && desk.queues[name]?.waiters.isEmpty ?? true
            return max(desk.book.expectedWait(of: name, at: now), isFree ? .zero : .milliseconds(1))
        }
    }

    /// How long the next model of the chain that can be asked in this run would have to be waited for; nil for none.
    func fallbackWait(in chain: FallbackChain, after candidate: Int) -> Duration? {
        chain.candidates.dropFirst(candidate + 1).first { closure(of: $0.provider) == nil }
            .map { expectedWait(of: $0) }
    }
}

// What is kept of the limits.
extension Governor {
    /// Exchanges what this run knows with the memory, and takes over what others know.
    ///
    /// `models` are looked up too although nobody has asked them yet.
    func shareLimits(among models: [ModelName] = []) async throws {
        for model in models { withBook(model) { $0.meet($1) } }
        try await desk.share()
    }
}

extension BatchRunner {
    /// How often the limits are exchanged with the database: often enough that a second process learns of a pause before
    /// it has sent much, seldom enough to cost nothing.
    private static let shareEvery = Duration.milliseconds(500)

    /// Exchanges the limits until the task is cancelled.
    func keepLimits(_ run: RunContext) async {
        while (try? await run.time.sleep(for: Self.shareEvery)) != nil { await shareLimits(of: run) }
    }

    /// That the limits could not be kept fails no run: it goes on with its own.
    func shareLimits(of run: RunContext, among models: [ModelName] = []) async {
        do {
            try await run.governor.shareLimits(among: models)
        } catch StoreError.diskFull {
            // It is told elsewhere, and not twice a second.
        } catch {
            run.logger.warning("the limits could not be kept", metadata: ["error": "\(error)"])
        }
    }
}
