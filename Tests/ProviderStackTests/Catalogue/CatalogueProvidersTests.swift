import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization
import TestKit
import Testing

@Suite struct `Providers of a catalogue` {
    private let openAI = ModelName("openai/gpt-5.4")!
    private let simulated = ModelName("simulator/sim-small")!

    @Test func `A provider is made once, when it is first asked for`() async throws {
        let made = Mutex(0)
        let own: [ProviderName: CatalogueProviders.Making] = [
            .simulator: {
                made.withLock { $0 += 1 }
                return SimulatedProvider(settings: SimulatorSettings(latency: .zero))
            }
        ]
        try await CatalogueProviders.with(environment: [:], own: own) { providers in
            #expect(made.withLock { $0 } == 0)
            for _ in 0..<2 {
                let answer = try await providers.provider(for: simulated).complete(
                    CompletionRequest(model: simulated, messages: [.user("What is 2 + 3?")]))
                #expect(answer.text.contains("5"))
            }
            #expect(made.withLock { $0 } == 1)
            #expect(providers.account(of: .simulator) == AccountName(provider: .simulator))
        }
    }

    @Test func `What is missing is told when its model is asked for`() async throws {
        try await CatalogueProviders.with(environment: ["GROQ_API_KEY": "k"]) { providers async throws in
            #expect(throws: ConfigurationError.keyMissing("openai", variable: "OPENAI_API_KEY")) {
                try providers.provider(for: openAI)
            }
            #expect(throws: ConfigurationError.self) { try providers.provider(for: ModelName("opnai/x")!) }
            #expect(try providers.provider(for: ModelName("groq/llama")!).name == "groq")
            #expect(providers.names.isSuperset(of: ["openai", "groq", "ollama"]))
        }
    }

    @Test func `Two keys of one provider are two accounts`() async throws {
        let names = try await ["one", "two"].asyncMap { key in
            try await CatalogueProviders.with(environment: ["OPENAI_API_KEY": key]) {
                $0.account(of: "openai")
            }
        }
        #expect(names[0] != names[1])
    }

    @Test func `An address of the environment is asked, and its limits are heard`() async throws {
        let heard = Mutex<[ModelName]>([])
        let settings = SimulatorSettings(latency: .zero, requestsPerMinute: 100)
        try await withSimulatorServer(settings) { url in
            let environment = ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": url]
            try await CatalogueProviders.with(environment: environment) { providers in
                providers.listen { model, _ in heard.withLock { $0.append(model) } }
                let answer = try await providers.provider(for: openAI).complete(
                    CompletionRequest(model: openAI, messages: [.user("What is 2 + 3?")]))
                #expect(answer.text.contains("5"))
                #expect(await providers.unreachable(among: [openAI]).isEmpty)
            }
        }
        #expect(heard.withLock { $0 } == [openAI])
    }

    @Test func `Nobody listens where nobody is`() async throws {
        let environment = ["OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"]
        try await CatalogueProviders.with(environment: environment) { providers in
            #expect(
                await providers.unreachable(among: [openAI, simulated]).map(\.provider).contains("openai"))
        }
    }
}

extension Array where Element: Sendable {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
