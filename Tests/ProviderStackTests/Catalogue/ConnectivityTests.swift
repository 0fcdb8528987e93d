import NIOConcurrencyHelpers
import ParleyCore
import ProviderStack
import Testing

@Suite struct ConnectivityTests {
    private let start = Timestamp(milliseconds: 1_795_000_000_000)

    @Test func `Nothing is known before the first look`() {
        #expect(Connectivity().verdict(at: start) == nil)
    }

    @Test func `A verdict is believed for 300 seconds`() {
        var connectivity = Connectivity()
        connectivity.looked(.offline, at: start)
        #expect(connectivity.verdict(at: start + .milliseconds(299_999)) == .offline)
        #expect(connectivity.verdict(at: start + .seconds(300)) == nil)
    }

    @Test func `A clock that was set back makes a verdict worthless`() {
        var connectivity = Connectivity()
        connectivity.looked(.offline, at: start)
        #expect(connectivity.verdict(at: start - .seconds(1)) == nil)
    }

    @Test func `Only one looks at a time, and nobody while a verdict is fresh`() {
        var connectivity = Connectivity()
        var begun = [connectivity.begins(at: start), connectivity.begins(at: start)]
        connectivity.looked(.online, at: start)
        begun.append(connectivity.begins(at: start + .seconds(299)))
        begun.append(connectivity.begins(at: start + .seconds(300)))
        #expect(begun == [true, false, false, true])
    }
}

@Suite struct ConnectivityWatchTests {
    /// A clock that a test moves, and the looks that were taken.
    private final class World: Sendable {
        let now = NIOLockedValueBox(Timestamp(milliseconds: 1_795_000_000_000))
        let looks = NIOLockedValueBox<[Duration]>([])
        let answers = NIOLockedValueBox(false)

        var time: TimeSource { TimeSource(now: { self.now.withLockedValue { $0 } }, sleep: { _ in }) }

        func watch(isChosen: Bool = false) -> ConnectivityWatch {
            ConnectivityWatch(isChosen: isChosen, time: time) { endpoints, timeout in
                #expect(endpoints.count >= 3)
                self.looks.withLockedValue { $0.append(timeout) }
                return self.answers.withLockedValue { $0 }
            }
        }
    }

    @Test func `Where no endpoint answers within 3 seconds it is offline, for 300 seconds`() async {
        let world = World()
        let watch = world.watch()
        #expect(!watch.isOffline)
        #expect(await watch.look() == .offline)
        #expect(watch.isOffline)
        #expect(world.looks.withLockedValue { $0 } == [.seconds(3)])
        world.now.withLockedValue { $0 = $0 + .seconds(300) }
        #expect(!watch.isOffline)
    }

    @Test func `A fresh verdict is given again without a look`() async {
        let world = World()
        let watch = world.watch()
        await watch.look()
        world.answers.withLockedValue { $0 = true }
        #expect(await watch.look() == .offline)
        world.now.withLockedValue { $0 = $0 + .seconds(301) }
        #expect(await watch.look() == .online)
        #expect(world.looks.withLockedValue { $0.count } == 2)
    }

    @Test func `To ask whether it is offline never looks`() {
        let world = World()
        let watch = world.watch()
        #expect(!watch.isOffline)
        #expect(world.looks.withLockedValue { $0.isEmpty })
    }

    @Test func `Who waits for no look gets on with what is known`() async {
        let world = World()
        let (held, release) = AsyncStream<Void>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let watch = ConnectivityWatch(time: world.time) { _, _ in
            begin.yield()
            for await _ in held { break }
            return false
        }
        async let slow = watch.look()
        for await _ in begun { break }
        #expect(await watch.look() == .online)
        #expect(!watch.isOffline)
        release.yield()
        #expect(await slow == .offline)
    }

    @Test func `Offline by choice needs no look, and can be taken back`() async {
        let world = World()
        let watch = world.watch(isChosen: true)
        #expect(watch.isOffline)
        #expect(await watch.look() == .offline)
        #expect(world.looks.withLockedValue { $0.isEmpty })
        watch.isChosen = false
        #expect(!watch.isOffline)
    }

    @Test func `The first endpoint that answers decides, the deaf ones are not waited for`() async throws {
        let deaf = DeafServer()
        try await withServer([.hang]) { server in
            let addresses = try ["http://127.0.0.1:\(deaf.port)", server.url].map { try BaseURL($0) }
            let start = ContinuousClock.now
            #expect(await Reachability.anyAnswers(addresses, within: .seconds(30)))
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test func `Where none answers, none does`() async throws {
        let nobody = try BaseURL("http://127.0.0.1:\(try await freePort())")
        #expect(await !Reachability.anyAnswers([nobody, nobody], within: .seconds(3)))
        #expect(await !Reachability.anyAnswers([], within: .seconds(3)))
    }

    @Test(arguments: [
        ("openai", [:], false), ("openai", ["OPENAI_BASE_URL": "http://localhost:4000/v1"], true),
        ("ollama", [:], true), ("vllm", [:], true), ("simulator", [:], true), ("anthropic", [:], false),
    ])
    func `Local is what the catalogue calls so, and what stands on the loopback`(
        name: String, environment: [String: String], isLocal: Bool
    ) throws {
        let entry = try Catalogue.builtIn.entry(ProviderName(name))
        #expect(entry.worksOffline(environment: environment) == isLocal)
    }

    @Test func `Being offline is told with its reason`() {
        #expect(
            OfflineError(provider: "openai", isChosen: true).description
                == "openai is not on this machine, and parley is to stay offline: only local providers are asked"
        )
        #expect(
            OfflineError(provider: "openai", isChosen: false).description
                == "openai cannot be reached and nothing else outside answers: only local providers are asked"
        )
    }
}
