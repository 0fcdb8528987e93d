import ConversationStore
import Conversations
import Foundation
import ParleyCore
import ProviderStack
import Synchronization
import Testing

/// Who is talked with, and in which dialect: a Claude of that name takes the beginning of its own answer.
struct LiteLLMTalk: Sendable, CustomStringConvertible {
    let dialect: Dialect
    let model: String

    var description: String { "\(model) by \(dialect.rawValue)" }
}

/// Whole conversations through the proxy: streamed, stored, broken off and gone on with.
extension LiteLLMTests {
    private static let talks = [
        LiteLLMTalk(dialect: .openAIChat, model: "talk"), LiteLLMTalk(dialect: .anthropic, model: "talk"),
        LiteLLMTalk(dialect: .anthropic, model: "claude-sonnet-4-5"),
    ]

    @Test(arguments: talks)
    func `A conversation is streamed, breaks off and is gone on with`(talk: LiteLLMTalk) async throws {
        try await withRunner(talk) { runner, store, model in
            let pieces = Mutex<[String]>([])
            let first = try await runner.ask(Question("Hello.", in: .new(SessionDraft(model: model)))) {
                guard case .arrived(.text(let piece)) = $0 else { return }
                pieces.withLock { $0.append(piece) }
            }
            let greeting = "Turn 1: after 0 others you said Hello. And so it ends."
            #expect(first.answer.answer == greeting && first.bill.untold == 0)
            #expect(pieces.withLock { $0.count > 1 && $0.joined() == greeting })

            let second = try await runner.ask(Question("Break off.", in: .existing(first.session)))
            guard case .failed(let failure) = second.outcome else { Issue.record("it was whole"); return }
            #expect(failure.partialText == "Turn 2: after 2 ot")
            #expect(try await store.requireSession(first.session).status == .interrupted)

            let resumed = try #require(try await runner.resume(first.session))
            #expect(resumed.answer.answer == "Turn 2: after 2 others you said Break off. And so it ends.")
            #expect(try await store.requireSession(first.session).status == .active)
            let third = try await runner.ask(Question("Thanks.", in: .existing(first.session)))
            #expect(third.answer.answer == "Turn 3: after 4 others you said Thanks. And so it ends.")

            let messages = try await store.messages(of: first.session)
            #expect(messages.count == 7 && messages.filter(\.isPart).count == 6)
            #expect(messages.filter { !$0.isPart }.map(\.message.content) == ["Turn 2: after 2 ot"])
            #expect(try await store.check().allSatisfy { $0.severity == .note })
        }
    }

    private func withRunner(
        _ talk: LiteLLMTalk, _ body: (ConversationRunner, Store, ModelName) async throws -> Void
    ) async throws {
        let url = talk.dialect == .anthropic ? LiteLLMProxy.url : "\(LiteLLMProxy.url)/v1"
        let entry = ProviderEntry(
            name: "litellm", dialect: talk.dialect, baseURL: url, keyVariable: "LITELLM_KEY")
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "parley-litellm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try await Store.open(at: folder.appending(path: "test.db").path)
        try await CatalogueProviders.with(
            Catalogue.builtIn.adding([entry]), environment: ["LITELLM_KEY": LiteLLMProxy.key]
        ) { providers in
            let runner = ConversationRunner(store: store, providers: providers)
            try await body(runner, store, ModelName(provider: "litellm", model: talk.model))
            await runner.close()
        }
        await store.close()
    }
}
