import ConversationStore
import Conversations
import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Synchronization

/// What a scripted provider does with one request: says pieces, then ends or fails.
struct Line: Sendable {
    var pieces: [String] = []
    var reasoning: String?
    var calls: [ToolCall] = []
    var failure: Failure.Kind?
    /// Waits after its pieces until it is cancelled.
    var hangs = false
    var finish = FinishReason.stop
    var usage: Usage? = Usage(inputUncached: 10, output: 5)

    static func says(_ pieces: String...) -> Line { Line(pieces: pieces) }

    static func calls(_ calls: ToolCall...) -> Line { Line(calls: calls, finish: .toolCalls) }

    static func breaks(after pieces: String..., with kind: Failure.Kind = .streamBroken) -> Line {
        Line(pieces: pieces, failure: kind)
    }

    static func hangs(after pieces: String...) -> Line { Line(pieces: pieces, hangs: true) }
}

/// Answers line by line and remembers what it was asked.
final class ScriptedVoice: Provider, ProviderSource {
    let name: ProviderName = "scripted"
    private let state: Mutex<(lines: [Line], asked: [CompletionRequest])>
    private let form: AnswerContinuation

    init(_ lines: [Line], continuation: AnswerContinuation = .prefill(options: [:])) {
        state = Mutex((lines, []))
        form = continuation
    }

    var requests: [CompletionRequest] { state.withLock { $0.asked } }

    func stream(
        _ request: CompletionRequest, onEvent: @Sendable (CompletionEvent) async -> Void
    ) async throws(Failure) -> Completion {
        let line = state.withLock { state in
            state.asked.append(request)
            return state.lines.isEmpty ? Line.says("nothing more") : state.lines.removeFirst()
        }
        var answer = CompletionAccumulator()
        var events: [CompletionEvent] = line.reasoning.map { [.reasoning($0)] } ?? []
        events += line.pieces.map { .text($0) }
        for event in events {
            answer.add(event)
            await onEvent(event)
        }
        if line.hangs {
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(2)) }
            throw failure(.cancelled, request, answer.text)
        }
        if let kind = line.failure { throw failure(kind, request, answer.text) }
        for call in line.calls { answer.add(.toolCallCompleted(call)) }
        var completion = answer.completion(model: request.model.model, requestID: nil)
        completion.usage = line.usage
        completion.finishReason = line.finish
        return completion
    }

    private func failure(_ kind: Failure.Kind, _ request: CompletionRequest, _ text: String) -> Failure {
        Failure(
            kind: kind, provider: request.model.provider, model: request.model.model,
            message: "scripted \(kind.rawValue)", partialText: text.isEmpty ? nil : text)
    }

    func provider(for model: ModelName) throws -> any Provider {
        if model.provider == "missing" { throw MissingKey() }
        return self
    }

    func unreachable(among models: [ModelName]) async -> [Failure] { [] }

    func continuation(of model: ModelName, options: JSONObject) -> AnswerContinuation { form }

    struct MissingKey: Error, CustomStringConvertible { let description = "NOBODY_API_KEY is not set" }
}

/// A store in a folder of its own, and a runner on it.
final class TalkBench: Sendable {
    static let model = ModelName(provider: "scripted", model: "a")

    let store: Store
    let voice: ScriptedVoice
    let folder: URL
    let events = Mutex<[ConversationEvent]>([])

    init(_ lines: [Line], continuation: AnswerContinuation = .prefill(options: [:])) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "parley-talk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await Store.open(at: folder.appending(path: "test.db").path)
        voice = ScriptedVoice(lines, continuation: continuation)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func runner(
        tools: any ToolBox = NoTools(), _ change: (inout ConversationSettings) -> Void = { _ in }
    ) -> ConversationRunner {
        var settings = ConversationSettings()
        settings.retry = RetryPolicy(base: .zero, emptyDelay: .zero)
        change(&settings)
        return ConversationRunner(store: store, providers: voice, tools: tools, settings: settings)
    }

    func hear(_ event: ConversationEvent) { events.withLock { $0.append(event) } }

    var notices: [String] {
        events.withLock { events in
            events.compactMap { event in
                switch event {
                case .notice(let text), .arrived(.warning(let text)): text
                default: nil
                }
            }
        }
    }

    static func draft(_ change: (inout SessionSettings) -> Void = { _ in }) -> TurnDraft.Place {
        var settings = SessionSettings()
        change(&settings)
        return .new(SessionDraft(model: model, settings: settings))
    }

    /// What the conversation holds, without what was taken out.
    func texts(of session: SessionID) async throws -> [String] {
        try await store.messages(of: session).filter(\.isPart).map(\.message.content)
    }

    func isSound() async throws -> Bool {
        try await store.check().allSatisfy { $0.severity == .note }
    }
}

extension Exchange {
    var isAnswered: Bool { if case .answered = outcome { true } else { false } }
    var isInterrupted: Bool { if case .interrupted = outcome { true } else { false } }
    var waitsForTools: Bool { if case .waitsForTools = outcome { true } else { false } }
    var failure: Failure? { if case .failed(let failure) = outcome { failure } else { nil } }
}
