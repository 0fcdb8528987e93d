import ConversationStore
import Conversations
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

struct AskingTests {
    @Test func `A question and its answer are stored, billed and shown`() async throws {
        let bench = try await TalkBench([.says("It ", "is 2.")])
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("What is 1 + 1?", in: TalkBench.draft())) {
            bench.hear($0)
        }
        #expect(exchange.isAnswered)
        #expect(exchange.answer.answer == "It is 2.")
        #expect(exchange.answer.model == "scripted/a")
        #expect(exchange.answer.state == "done")
        #expect(exchange.answer.attempts == 1)
        #expect(exchange.bill.usage == Usage(inputUncached: 10, output: 5))
        #expect(exchange.bill.unpriced == 1)
        #expect(exchange.answer.cost == nil)
        #expect(try await bench.texts(of: exchange.session) == ["What is 1 + 1?", "It is 2."])
        #expect(try await bench.store.requireSession(exchange.session).status == .active)
        await runner.close()
        #expect(try await bench.isSound())
    }

    @Test func `The next question carries all that was said`() async throws {
        let bench = try await TalkBench([.says("Two."), .says("Four.")])
        let runner = bench.runner()
        let first = try await runner.ask(Question("1 + 1?", in: TalkBench.draft()))
        _ = try await runner.ask(Question("And doubled?", in: .existing(first.session)))
        #expect(bench.voice.requests[1].messages.map(\.content) == ["1 + 1?", "Two.", "And doubled?"])
        #expect(bench.voice.requests[1].cacheKey == bench.voice.requests[0].cacheKey)
    }

    @Test func `A model that cannot be asked leaves nothing behind`() async throws {
        let bench = try await TalkBench([])
        let place = TurnDraft.Place.new(SessionDraft(model: ModelName(provider: "missing", model: "m")))
        await #expect(throws: ScriptedVoice.MissingKey.self) {
            try await bench.runner().ask(Question("Hello?", in: place))
        }
        #expect(try await bench.store.lastSession() == nil)
    }

    @Test func `A fallback that answers is named`() async throws {
        let bench = try await TalkBench([.breaks(with: .contextTooLong), .says("Hello.")])
        let place = TalkBench.draft { $0.fallbacks = [ModelName(provider: "scripted", model: "b")] }
        let exchange = try await bench.runner().ask(Question("Hello?", in: place)) { bench.hear($0) }
        #expect(exchange.isAnswered)
        #expect(exchange.answer.model == "scripted/b")
        #expect(exchange.answer.attempts == 2)
        #expect(try await bench.isSound())
    }

    @Test func `A failure without a word keeps the question for later`() async throws {
        let bench = try await TalkBench([.breaks(with: .rejected), .says("Hello.")])
        let runner = bench.runner()
        let exchange = try await runner.ask(Question("Hello?", in: TalkBench.draft()))
        #expect(exchange.failure?.kind == .rejected)
        #expect(exchange.answer.state == "failed")
        #expect(exchange.answer.error?.kind == "rejected")
        #expect(try await bench.store.requireSession(exchange.session).status == .interrupted)
        let resumed = try #require(try await runner.resume(exchange.session))
        #expect(resumed.answer.answer == "Hello.")
        #expect(try await bench.texts(of: exchange.session) == ["Hello?", "Hello."])
        #expect(try await runner.resume(exchange.session) == nil)
    }

    @Test func `Undoing takes the last question back, and its history stays`() async throws {
        let bench = try await TalkBench([.says("Two."), .says("Four.")])
        let runner = bench.runner()
        let first = try await runner.ask(Question("1 + 1?", in: TalkBench.draft()))
        _ = try await runner.ask(Question("2 + 2?", in: .existing(first.session)))
        #expect(try await runner.undo(first.session) == "2 + 2?")
        #expect(try await bench.texts(of: first.session) == ["1 + 1?", "Two."])
        #expect(try await bench.store.messages(of: first.session).count == 4)
        #expect(try await bench.store.requireSession(first.session).status == .active)
    }

    @Test func `Retrying asks the last question again without its answer`() async throws {
        let bench = try await TalkBench([.says("Three."), .says("Two.")])
        let runner = bench.runner()
        let first = try await runner.ask(Question("1 + 1?", in: TalkBench.draft()))
        let second = try #require(try await runner.retry(first.session))
        #expect(second.answer.answer == "Two.")
        #expect(bench.voice.requests[1].messages.map(\.content) == ["1 + 1?"])
        #expect(try await bench.texts(of: first.session) == ["1 + 1?", "Two."])
        #expect(try await bench.isSound())
    }

    @Test func `An answer that breaks its schema is asked for again, and both are billed`() async throws {
        let bench = try await TalkBench([.says("no JSON"), .says(#"{"n": 2}"#)])
        let schema: JSON = [
            "type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"],
            "additionalProperties": false,
        ]
        let exchange = try await bench.runner().ask(
            Question("1 + 1?", in: TalkBench.draft { $0.schema = schema })
        ) { bench.hear($0) }
        #expect(exchange.answer.object == ["n": 2])
        #expect(exchange.bill.requests == 2)
        #expect(bench.voice.requests[1].messages.count == 3)
        #expect(try await bench.texts(of: exchange.session) == ["1 + 1?", #"{"n": 2}"#])
        #expect(try await bench.isSound())
    }

    @Test func `An answer that stays without its schema has failed, and its text is kept`() async throws {
        let bench = try await TalkBench([.says("no JSON"), .says("none either")])
        let exchange = try await bench.runner().ask(
            Question("1 + 1?", in: TalkBench.draft { $0.schema = ["type": "object"] }))
        #expect(exchange.failure?.kind == .invalidAnswer)
        #expect(exchange.answer.answer == "none either")
        #expect(try await bench.store.requireSession(exchange.session).status == .interrupted)
        #expect(try await bench.isSound())
    }
}
