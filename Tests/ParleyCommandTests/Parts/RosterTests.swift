import ArgumentParser
import BatchExecutor
import OrderedCollections
import ParleyCore
import ProviderStack
import Synchronization
import Testing

@testable import parley

@Suite struct `Providers of a run` {
    private let remote = ModelName("openai/gpt-5.4")!
    private let other = ModelName("groq/llama")!
    private let local = ModelName("ollama/llama3.2")!

    /// What was looked at, and whether somebody was told that nothing answers.
    private final class Log: Sendable {
        let probed = Mutex<[ProviderName]>([])
        let looks = Mutex(0)
        let isTold = Mutex(false)
    }

    /// A roster in a world where the named providers are silent.
    private func roster(
        silent: Set<ProviderName> = [], isOutsideSilent: Bool = true, isChosen: Bool = false,
        log: Log = Log(), environment: [String: String] = [:]
    ) -> ProviderRoster {
        let keys = ["OPENAI_API_KEY": "k", "GROQ_API_KEY": "k"]
        return ProviderRoster(
            config: ConfigFile(), environment: keys.merging(environment) { $1 }, connectionsMax: 1,
            watch: ConnectivityWatch(isChosen: isChosen) { _, _ in
                log.looks.withLock { $0 += 1 }
                return !isOutsideSilent
            },
            probe: { _, name in
                log.probed.withLock { $0.append(name) }
                return silent.contains(name)
                    ? Failure(kind: .unreachable, provider: name, message: "nobody answers") : nil
            },
            onOffline: { log.isTold.withLock { $0 = true } })
    }

    private func with<Value>(
        _ roster: ProviderRoster, _ body: (ProviderRoster) async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body(roster)
            await roster.close()
            return value
        } catch {
            await roster.close()
            throw error
        }
    }

    @Test func `Offline by choice only local providers are given`() async throws {
        try await with(roster(isChosen: true)) { roster async throws in
            #expect(throws: OfflineError(provider: "openai", isChosen: true)) {
                try roster.provider(for: remote)
            }
            #expect(try roster.provider(for: local).name == "ollama")
            #expect(try roster.provider(for: ModelName("simulator/x")!).name == "simulator")
            roster.watch.isChosen = false
            #expect(try roster.provider(for: remote).name == "openai")
        }
    }

    @Test func `A provider that was given before is not given offline`() async throws {
        try await with(roster()) { roster async throws in
            _ = try roster.provider(for: remote)
            roster.watch.isChosen = true
            #expect(throws: OfflineError.self) { try roster.provider(for: remote) }
        }
    }

    @Test func `An address on the loopback is local, whoever it stands for`() async throws {
        let environment = ["OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"]
        try await with(roster(isChosen: true, environment: environment)) { roster async throws in
            #expect(try roster.provider(for: remote).name == "openai")
        }
    }

    @Test func `Where no provider outside answers and nothing else does, it is offline`() async throws {
        let log = Log()
        try await with(roster(silent: ["openai"], log: log)) { roster async throws in
            let failures = await roster.unreachable(among: [remote, local])
            #expect(failures.map(\.provider) == ["openai"])
            #expect(
                failures.map(\.message)
                    == [OfflineError(provider: "openai", isChosen: false).description])
            #expect(log.isTold.withLock { $0 })
            #expect(throws: OfflineError.self) { try roster.provider(for: other) }
            #expect(try roster.provider(for: local).name == "ollama")
        }
    }

    @Test func `Where something else answers, the provider alone is at fault`() async throws {
        try await with(roster(silent: ["openai"], isOutsideSilent: false)) { roster async throws in
            #expect(await roster.unreachable(among: [remote]).map(\.message) == ["nobody answers"])
            #expect(try roster.provider(for: other).name == "groq")
        }
    }

    @Test func `Where one provider outside answers nobody looks further`() async throws {
        let log = Log()
        try await with(roster(silent: ["openai"], log: log)) { roster async throws in
            #expect(await roster.unreachable(among: [remote, other]).map(\.provider) == ["openai"])
            #expect(log.looks.withLock { $0 } == 0)
        }
    }

    @Test func `A silent local provider says nothing of the world outside`() async throws {
        let log = Log()
        try await with(roster(silent: ["ollama"], log: log)) { roster async throws in
            #expect(await roster.unreachable(among: [local]).map(\.message) == ["nobody answers"])
            #expect(log.looks.withLock { $0 } == 0 && !roster.watch.isOffline)
        }
    }

    @Test func `Offline a batch is admitted if one of its models is local`() async throws {
        try await with(roster(isChosen: true)) { roster async throws in
            try roster.admit(JobSheet(model: remote, fallbacks: [local]))
            let failure = #expect(throws: CommandFailure.self) {
                try roster.admit(JobSheet(model: remote, fallbacks: [other]))
            }
            #expect(failure?.status == .stoppedEarly)
            #expect(failure?.description.contains("only local providers are asked") == true)
        }
    }

    @Test func `An unknown provider is told as one, offline too`() async throws {
        try await with(roster(isChosen: true)) { roster async throws in
            _ = #expect(throws: ConfigurationError.self) { try roster.provider(for: ModelName("opnai/x")!) }
        }
    }
}

@Suite struct `Offline option` {
    private func isChosen(_ words: [String], _ settings: String, _ environment: [String: String] = [:]) throws
        -> Bool
    {
        let line = try ArgumentLine(["run"] + words, environment: environment)
        let run = try #require(try Parley.parseAsRoot(line.arguments) as? Run)
        return run.offline.isChosen(try ConfigFile(yaml: settings, path: "c"), line: line)
    }

    @Test func `The option, its variable and the settings each choose it`() throws {
        #expect(try !isChosen([], ""))
        #expect(try isChosen(["--offline"], ""))
        #expect(try isChosen([], "", ["PARLEY_OFFLINE": "1"]))
        #expect(try isChosen([], "offline: true"))
    }

    @Test func `The variable wins over the settings, the command line over both`() throws {
        #expect(try !isChosen([], "offline: true", ["PARLEY_OFFLINE": "0"]))
        #expect(try isChosen(["--offline"], "offline: false", ["PARLEY_OFFLINE": "0"]))
    }
}
