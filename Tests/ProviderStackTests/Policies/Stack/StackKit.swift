import OrderedCollections
import ParleyCore
import ProviderStack
import Synchronization

/// A clock on which whoever waits is at the end of the wait at once. It remembers every wait.
final class LeapingClock: Sendable {
    private struct State: Sendable {
        var now = Timestamp.seconds(0)
        var waits: [Duration] = []
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.now } }
    var waits: [Duration] { state.withLock { $0.waits } }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now + duration } }

    var time: TimeSource {
        TimeSource(
            now: { self.now },
            sleep: { duration in
                try Task.checkCancellation()
                self.state.withLock { state in
                    state.now = state.now + duration
                    state.waits.append(duration)
                }
            })
    }
}

/// Draws near the lower end of every range, so that a wait is its smallest and a jitter none.
struct LowRandom: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { UInt64(UInt32.max) }
}

/// Draws the upper end of every range.
struct HighRandom: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { .max }
}

/// Does what it is told, step by step, and the last step for ever; remembers what it was asked, and when.
final class ScriptedVoice: Provider {
    enum Step: Sendable {
        case answer(String = "Fine.", usage: Usage? = Usage(inputUncached: 10, output: 5))
        case fail(Failure.Kind, retryAfter: Duration? = nil, code: String? = nil)
        /// These events, then the failure.
        case say([CompletionEvent], then: Failure.Kind)
        /// Waits until the task is cancelled.
        case hang
    }

    let name: ProviderName
    private let steps: [Step]
    private let clock: LeapingClock?
    private let latency: Duration
    private let asked = Mutex<[(request: CompletionRequest, at: Timestamp?)]>([])

    init(
        _ steps: [Step], name: ProviderName = "openai", clock: LeapingClock? = nil, latency: Duration = .zero
    ) {
        self.steps = steps
        self.name = name
        self.clock = clock
        self.latency = latency
    }

    var requests: [CompletionRequest] { asked.withLock { $0.map(\.request) } }
    var askedAt: [Timestamp] { asked.withLock { $0.compactMap(\.at) } }

    func wireBody(of request: CompletionRequest) -> String? { "body for \(request.model)" }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let number = asked.withLock { asked in
            asked.append((request, clock?.now))
            return asked.count
        }
        clock?.advance(by: latency)
        switch steps[min(number, steps.count) - 1] {
        case .answer(let text, let usage):
            await onEvent(.text(text))
            return Completion(text: text, model: request.model.model, usage: usage)
        case .fail(let kind, let retryAfter, let code):
            throw failure(kind, request, retryAfter: retryAfter, code: code)
        case .say(let events, let kind):
            for event in events { await onEvent(event) }
            throw failure(kind, request)
        case .hang:
            do { try await Task.sleep(for: .seconds(600)) } catch { throw failure(.cancelled, request) }
            throw failure(.timedOut, request)
        }
    }

    private func failure(
        _ kind: Failure.Kind, _ request: CompletionRequest, retryAfter: Duration? = nil, code: String? = nil
    ) -> Failure {
        Failure(
            kind: kind, provider: name, model: request.model.model, code: code,
            message: "scripted \(kind.rawValue)", retryAfter: retryAfter)
    }
}

/// Remembers what it hears.
final class LogObserver: AttemptObserver {
    struct Log: Sendable {
        var sent: [SentAttempt] = []
        var ended: [AttemptOutcome] = []
        var waits: [PolicyWait] = []
        var fallbacks: [String] = []
        /// In the order in which they came: `sent`, `ended`, `waiting`, `fallback`.
        var order: [String] = []
    }

    private let log = Mutex(Log())
    private let refusal: Failure?

    init(refusing refusal: Failure? = nil) { self.refusal = refusal }

    var heard: Log { log.withLock { $0 } }
    /// The kinds of the failed attempts; nil for an answer.
    var kinds: [Failure.Kind?] {
        heard.ended.map { if case .failure(let failure) = $0.result { failure.kind } else { nil } }
    }

    func willSend(_ attempt: SentAttempt) async throws(Failure) {
        if let refusal { throw refusal }
        log.withLock { log in
            log.sent.append(attempt)
            log.order.append("sent")
        }
    }

    func ended(_ attempt: SentAttempt, with outcome: AttemptOutcome) async {
        log.withLock { log in
            log.ended.append(outcome)
            log.order.append("ended")
        }
    }

    func waiting(_ wait: PolicyWait) async {
        log.withLock { log in
            log.waits.append(wait)
            log.order.append("waiting")
        }
    }

    func fallingBack(from model: ModelName, to next: ModelName, because failure: Failure) async {
        log.withLock { log in
            log.fallbacks.append("\(model) to \(next): \(failure.kind.rawValue)")
            log.order.append("fallback")
        }
    }
}

/// A chain of scripted voices with everything that a test looks at.
struct StackBench {
    let clock: LeapingClock
    let observer: LogObserver
    let board: PolicyBoard
    let provider: any Provider

    /// Each voice is asked under its own provider's name: `openai`, `anthropic`, `ollama`.
    init(
        _ voices: [ScriptedVoice], settings: PolicyBoard.Settings = .init(),
        retry: RetryPolicy = RetryPolicy(),
        limitTimeout: Duration? = nil, memory: any PolicyMemory = VolatilePolicyMemory(),
        clock: LeapingClock = LeapingClock(), observer: LogObserver = LogObserver(),
        random: any RandomNumberGenerator & Sendable = LowRandom(),
        mayAsk: @escaping @Sendable (ModelName) -> Bool = { _ in true }
    ) {
        self.clock = clock
        self.observer = observer
        board = PolicyBoard(
            settings: settings, memory: memory, time: clock.time, random: SharedRandom(random))
        provider = PolicyStack.compose(
            voices.map { voice in
                PolicyStack.Candidate(
                    model: ModelName(provider: voice.name, model: "model"),
                    account: AccountName(provider: voice.name, fingerprint: "one"), client: voice)
            }, retry: retry, limitTimeout: limitTimeout, board: board, observer: observer, mayAsk: mayAsk)
    }

    func ask(_ request: CompletionRequest = .fixture()) async -> Result<Completion, Failure> {
        await result { () async throws(Failure) -> Completion in try await provider.complete(request) }
    }

    /// As a stream; gives the events too.
    func listen(
        _ request: CompletionRequest = .fixture()
    ) async -> (result: Result<Completion, Failure>, events: [CompletionEvent]) {
        let events = Events()
        let result = await result { () async throws(Failure) -> Completion in
            try await provider.stream(request) { event in events.add(event) }
        }
        return (result, events.all)
    }

    final class Events: Sendable {
        private let events = Mutex<[CompletionEvent]>([])
        var all: [CompletionEvent] { events.withLock { $0 } }
        func add(_ event: CompletionEvent) { events.withLock { $0.append(event) } }
    }
}

/// What a call came to.
func result(
    _ call: () async throws(Failure) -> Completion
) async -> Result<Completion, Failure> {
    do throws(Failure) {
        return .success(try await call())
    } catch {
        return .failure(error)
    }
}

extension Result<Completion, Failure> {
    var text: String? { try? get().text }
    var failure: Failure? { if case .failure(let failure) = self { failure } else { nil } }
}
