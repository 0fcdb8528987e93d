import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import ProviderSimulator
import ProviderStack
import Synchronization
import Testing

struct InterruptionTests {
    @Test func `A broken answer is kept and gone on with from where it stopped`() async throws {
        let bench = try await TalkBench([.breaks(after: "One, ", "two"), .says(", three.")])
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Count.", in: TalkBench.draft()))
        #expect(exchange.failure?.kind == .streamBroken)
        #expect(exchange.answer.answer == "One, two")
        #expect(try await bench.store.requireSession(exchange.session).status == .interrupted)
        let resumed = try #require(try await runner.resume(exchange.session) { bench.hear($0) })
        #expect(resumed.answer.answer == "One, two, three.")
        #expect(bench.voice.requests[1].messages.map(\.content) == ["Count.", "One, two"])
        #expect(try await bench.texts(of: exchange.session) == ["Count.", "One, two, three."])
        let history = try await bench.store.messages(of: exchange.session)
        #expect(history.count == 3)
        #expect(history[1].isPartial && history[1].setAsideAt != nil)
        #expect(try await bench.isSound())
    }

    @Test func `A provider that goes on by request is asked for the rest, and repeats nothing`() async throws
    {
        let said = "The quick brown fox jumps over the lazy dog"
        let bench = try await TalkBench(
            [.breaks(after: said), .says("fox jumps over the lazy dog and sleeps.")], continuation: .request)
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Tell.", in: TalkBench.draft()))
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(bench.voice.requests[1].messages.last?.content == AnswerContinuation.requestText)
        #expect(resumed.answer.answer == said + " and sleeps.")
        #expect(try await bench.texts(of: exchange.session) == ["Tell.", said + " and sleeps."])
    }

    @Test(arguments: [(AnswerContinuation.request, "two."), (.prefill(options: [:]), " two.")])
    func `A break behind a blank leaves one blank`(form: AnswerContinuation, rest: String) async throws {
        let bench = try await TalkBench([.breaks(after: "One, "), .says(rest)], continuation: form)
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Count.", in: TalkBench.draft()))
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(resumed.answer.answer == "One, two.")
    }

    @Test func `A beginning that is refused is asked on in words`() async throws {
        let bench = try await TalkBench(
            [.breaks(after: "One"), .breaks(with: .rejected), .says(", two.")])
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Count.", in: TalkBench.draft()))
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(resumed.answer.answer == "One, two.")
        #expect(bench.voice.requests[2].messages.last?.content == AnswerContinuation.requestText)
        #expect(try await bench.isSound())
    }

    @Test func `Stopping keeps the part, and the next question goes on with it`() async throws {
        let bench = try await TalkBench([.hangs(after: "One, "), .says("Fine.")])
        let runner = bench.runner()
        let asking = Task {
            try await runner.ask(Question("Count.", in: TalkBench.draft())) { bench.hear($0) }
        }
        while !bench.events.withLock({ $0.contains { $0.isText } }) { await Task.yield() }
        asking.cancel()
        let exchange = try await asking.value
        #expect(exchange.isInterrupted)
        #expect(exchange.answer.state == "interrupted")
        #expect(exchange.bill.untold == 1)
        #expect(try await bench.texts(of: exchange.session) == ["Count.", "One, "])
        _ = try await runner.ask(Question("Enough?", in: .existing(exchange.session)))
        #expect(bench.voice.requests[1].messages.map(\.content) == ["Count.", "One, ", "Enough?"])
        #expect(try await bench.isSound())
    }

    @Test func `Two kilobytes are stored without waiting for the clock`() async throws {
        let long = String(repeating: "x", count: CheckpointPace.bytesMax)
        let bench = try await TalkBench([.hangs(after: long, "y")])
        let runner = bench.runner()
        let asking = Task {
            try await runner.ask(Question("Tell.", in: TalkBench.draft())) { bench.hear($0) }
        }
        while bench.events.withLock({ $0.count { $0.isText } }) < 2 { await Task.yield() }
        let session = try #require(try await bench.store.lastSession())
        let stored = try await bench.store.messages(of: session.id).last
        #expect(stored?.message.content.utf8.count ?? 0 >= long.utf8.count)
        #expect(session.status == .interrupted)
        asking.cancel()
        _ = try await asking.value
    }

    @Test func `The simulator goes on with its own answer as if it had never stopped`() async throws {
        let voice = SimulatedProvider()
        var request = CompletionRequest(
            model: ModelName(provider: .simulator, model: "sim-small"), messages: [.user("Tell me a story.")])
        let whole = try await voice.complete(request).text
        let half = String(whole.prefix(whole.count / 2)).trimmedAtEnd
        request.messages.append(.assistant(half))
        let rest = try await voice.complete(request).text
        #expect(half + rest == whole)
    }

    @Test func `What is asked again after a loss keeps its idempotency key`() async throws {
        let bench = try await TalkBench([.hangs(), .says("Fine.")])
        let runner = bench.runner()
        let asking = Task { try await runner.ask(Question("Well?", in: TalkBench.draft())) }
        while bench.voice.requests.isEmpty { await Task.yield() }
        asking.cancel()
        let exchange = try await asking.value
        _ = try await runner.resume(exchange.session)
        #expect(bench.voice.requests[0].idempotencyKey == bench.voice.requests[1].idempotencyKey)
    }
}

extension ConversationEvent {
    var isText: Bool { if case .arrived(.text) = self { true } else { false } }
}
