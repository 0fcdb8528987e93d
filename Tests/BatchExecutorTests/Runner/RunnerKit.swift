import BatchExecutor
import ConversationStore
import Foundation
import Logging
import OrderedCollections
import ParleyCore
import ProviderStack
import Synchronization

/// Answers by a script and remembers what it was asked.
final class ScriptedProvider: Provider, ProviderSource {
    typealias Script = @Sendable (CompletionRequest, _ earlier: Int) async throws(Failure) -> Completion

    let name: ProviderName = "scripted"
    private let script: Script
    private let asked = Mutex<[CompletionRequest]>([])
    private let missing: Set<ProviderName>
    private let silent: Set<ProviderName>

    /// - Parameters:
    ///   - missing: providers that are not to be had at all.
    ///   - silent: providers where nobody listens.
    init(
        missing: Set<ProviderName> = [], silent: Set<ProviderName> = [],
        _ script: @escaping Script = { (request, _) throws(Failure) in .fixture(answering: request) }
    ) {
        self.script = script
        self.missing = missing
        self.silent = silent
    }

    var requests: [CompletionRequest] { asked.withLock { $0 } }

    func complete(_ request: CompletionRequest) async throws(Failure) -> Completion {
        let earlier = asked.withLock { asked in
            defer { asked.append(request) }
            return asked.count { $0.idempotencyKey == request.idempotencyKey }
        }
        return try await script(request, earlier)
    }

    func provider(for model: ModelName) throws -> any Provider {
        if missing.contains(model.provider) { throw NoKey() }
        return self
    }

    func unreachable(among models: [ModelName]) async -> [Failure] {
        Set(models.map(\.provider)).intersection(silent).map {
            Failure(kind: .unreachable, provider: $0, message: "nobody listens")
        }
    }

    struct NoKey: Error, CustomStringConvertible {
        let description = "NOBODY_API_KEY is not set"
    }
}

extension Completion {
    /// Repeats the last message, at 10 tokens in and 5 out.
    static func fixture(answering request: CompletionRequest) -> Completion {
        Completion(
            text: "re: \(request.messages.last?.content ?? "")", model: request.model.model,
            usage: Usage(inputUncached: 10, output: 5))
    }
}

extension Failure {
    static func fixture(_ kind: Failure.Kind, of request: CompletionRequest) -> Failure {
        Failure(
            kind: kind, provider: request.model.provider, model: request.model.model,
            message: "scripted \(kind.rawValue)")
    }
}

/// A store in a folder of its own, with a batch of questions.
struct RunnerBench {
    let store: Store
    let folder: URL
    let time: TimeSource

    init(time: TimeSource = .system) async throws {
        self.time = time
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-runner-\(UUID().uuidString)")
        store = try await Store.open(at: folder.appending(path: "test.db").path, time: time)
    }

    init(store: Store, folder: URL, time: TimeSource) {
        self.store = store
        self.folder = folder
        self.time = time
    }

    /// Closes the store and removes its folder.
    func close() async {
        await store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Enqueues questions `1…count`; with models, the first half of the rows names the first of them, and so on.
    func enqueue(
        _ count: Int, as name: String = "batch", settings: BatchSettings = .ofRunner(), priority: Int? = nil,
        deadline: Timestamp? = nil, model: String? = nil, models: [String] = []
    ) async throws -> BatchRecord {
        var chunk = DraftChunk()
        let column = model.map { #""model":"\#($0)","# } ?? ""
        for number in 1...count {
            let key = chunk.bytes.count
            chunk.bytes.append(contentsOf: "q\(number)".utf8)
            let input = chunk.bytes.count
            let own = models.isEmpty ? column : #""model":"\#(models[(number - 1) * models.count / count])","#
            chunk.bytes.append(
                contentsOf: #"{"id":"q\#(number)",\#(own)"prompt":"question \#(number)"}"#.utf8)
            chunk.rows.append(.init(key: key..<input, input: input..<chunk.bytes.count, line: number + 1))
        }
        let rows = chunk
        _ = try await store.enqueue(
            BatchDraft(
                name: name, settings: settings, priority: priority, source: "test", deadline: deadline),
            keeping: .store
        ) { try $0.insert(rows) }
        return try await store.batch(named: name)!
    }

    func runner(
        _ providers: any ProviderSource, concurrency: Int = 8, budget: Picodollars? = nil,
        unknownPolicy: UnknownPolicy = .retry, gracePeriod: Duration = .seconds(10),
        retryPolicy: RetryPolicy = .immediate, limitTimeout: Duration? = nil, watches: Bool = false,
        order: RunOrder = .cache
    ) -> BatchRunner {
        BatchRunner(
            store: store, providers: providers,
            settings: RunSettings(
                concurrency: concurrency, budget: budget, unknownPolicy: unknownPolicy,
                watches: watches, gracePeriod: gracePeriod, limitTimeout: limitTimeout, order: order),
            retryPolicy: retryPolicy, time: time,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func answers(of batch: BatchRecord) async throws -> [Answer] {
        let collected = Mutex<[Answer]>([])
        try await store.answers(of: batch.id, including: .everything) { answer in
            collected.withLock { $0.append(answer) }
        }
        return collected.withLock { $0 }
    }
}

extension BatchSettings {
    static func ofRunner(
        model: String = "simulator/sim-small", fallbacks: [String] = [], attemptsMax: Int = 10,
        streams: Bool = false
    ) -> BatchSettings {
        BatchSettings(
            model: ModelName(model), fallbacks: fallbacks.compactMap { ModelName($0) }, maxTokens: 100,
            attemptsMax: attemptsMax, streams: streams)
    }
}

/// Lets a test wait until something has happened elsewhere.
actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func pass() async {
        guard !isOpen else { return }
        await withCheckedContinuation { waiting.append($0) }
    }
}

extension RetryPolicy {
    /// Asks again at once, so that no test waits.
    static let immediate = RetryPolicy(base: .zero, emptyDelay: .zero)
}
