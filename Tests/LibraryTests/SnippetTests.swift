import BatchExecutor
import ConversationStore
import Conversations
import Foundation
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization
import TestKit
import Testing

/// The snippets of the documentation, run against the simulator in process.
@Suite struct `The snippets do what they say` {
    private let model = ModelName(provider: .simulator, model: "sim-small")

    /// A database in a folder of its own, and providers without latency.
    private func withStore<Value: Sendable>(
        faults: SimulatorSettings = SimulatorSettings(latency: .zero),
        _ work: @escaping (Store, CatalogueProviders, URL) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "parley-library-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try await Store.open(at: folder.appending(path: "test.db").path)
        let own: [ProviderName: CatalogueProviders.Making] = [
            .simulator: { SimulatedProvider(settings: faults) }
        ]
        let value = try await CatalogueProviders.with(environment: [:], own: own) { providers in
            try await work(store, providers, folder)
        }
        await store.close()
        return value
    }

    @Test func `A store is opened, and tells its last conversation`() async throws {
        try await withStore { store, _, _ in
            _ = try await answer(to: "What is 2 + 3?", in: store)
            #expect(try await lastTitle(inDatabase: store.path) == "What is 2 + 3?")
        }
    }

    @Test func `A provider is asked, and nothing is stored`() async throws {
        try await withSimulatorServer(SimulatorSettings(latency: .zero)) { url in
            let text = try await complete(
                "What is 2 + 3?", model: model, environment: ["SIMULATOR_BASE_URL": url])
            #expect(text.contains("5"))
        }
    }

    @Test func `One exchange is answered and stored`() async throws {
        try await withStore { store, _, _ in
            let text = try #require(try await answer(to: "What is 2 + 3?", in: store))
            #expect(text.contains("5"))
            let session = try #require(try await store.lastSession())
            #expect(session.status == .active)
            #expect(
                try await store.messages(of: session.id).map(\.message.content) == ["What is 2 + 3?", text])
        }
    }

    @Test func `A streamed answer is shown in pieces that are the whole`() async throws {
        try await withStore { store, providers, _ in
            let runner = ConversationRunner(store: store, providers: providers)
            let first = try await runner.ask(
                Question("What is 2 + 3?", in: .new(SessionDraft(model: model))))
            let pieces = PieceList()
            let exchange = try await ask(
                "Tell me a story.", in: first.session, by: runner, showing: { pieces.add($0) })
            #expect(pieces.all.count > 1 && pieces.all.joined() == exchange.answer.answer)
            await runner.close()
        }
    }

    @Test func `What broke off is gone on with`() async throws {
        let cut = SimulatorSettings(latency: .zero, errorRate: 1, faults: [.cut: 1])
        try await withStore(faults: cut) { store, providers, _ in
            let broken = ConversationRunner(store: store, providers: providers)
            let exchange = try await broken.ask(
                Question("Tell me a story.", in: .new(SessionDraft(model: model))))
            await broken.close()
            let part = try #require(exchange.answer.answer)
            let whole = try await CatalogueProviders.with(own: [.simulator: { SimulatedProvider() }]) {
                let runner = ConversationRunner(store: store, providers: $0)
                let exchanges = try await goOn(in: store, by: runner)
                #expect(exchanges.map(\.session) == [exchange.session])
                await runner.close()
                return exchanges[0].answer.answer ?? ""
            }
            #expect(!part.isEmpty && whole.hasPrefix(part) && whole.count > part.count)
        }
    }

    @Test func `A batch is asked once, however often it is run`() async throws {
        try await withStore { store, providers, folder in
            let file = folder.appending(path: "sums.csv")
            let rows = (1...5).map { "q\($0),What is \($0) + 1?\n" }.joined()
            try Data("id,prompt\n\(rows)".utf8).write(to: file)
            for _ in 0..<2 {
                let answers = try await run(file.path, model: model, in: store, by: providers)
                #expect(answers.map(\.customID) == ["q1", "q2", "q3", "q4", "q5"])
                #expect(answers.allSatisfy { $0.state == "done" && $0.attempts == 1 })
            }
        }
    }
}

/// Collects pieces from a listener.
private final class PieceList: Sendable {
    private let pieces = Mutex<[String]>([])

    var all: [String] { pieces.withLock { $0 } }

    func add(_ piece: String) { pieces.withLock { $0.append(piece) } }
}
