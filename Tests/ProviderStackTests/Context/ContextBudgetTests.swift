import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

/// A token for each byte, none for a turn's frame: so that a test can count.
struct ByteCounter: TokenCounter {
    let method = "bytes"
    func tokens(in text: String) -> Int { text.utf8.count }
}

@Suite struct `Context budget` {
    /// What a turn costs beside its text.
    private static let frame = TokenEstimate.tokensPerMessage

    /// Turns of 100 tokens each: `q1`, `a1`, `q2`, …
    private func chat(_ questions: Int) -> [Message] {
        (1...questions).flatMap { number in
            [Message.user(text("q\(number)")), .assistant(text("a\(number)"))]
        }
    }

    private func text(_ name: String) -> String {
        name + String(repeating: ".", count: 100 - Self.frame - name.utf8.count)
    }

    private func call(_ id: String) -> Message {
        Message(
            role: .assistant, content: String(repeating: ".", count: 88),
            toolCalls: [ToolCall(id: id, name: "lookup", arguments: .parsed([:]))])
    }

    private func result(_ id: String, isProtected: Bool = false) -> Message {
        Message(role: .tool, content: text("r-\(id)"), toolCallID: id, isProtected: isProtected)
    }

    private func names(_ fit: ContextFit) -> [String] {
        fit.request.messages.map { message in
            message.toolCalls.first.map { "c-\($0.id)" } ?? String(message.content.prefix { $0 != "." })
        }
    }

    private func fit(_ messages: [Message], max: Int, recent: Int = 2) -> ContextFit {
        ContextBudget(tokensMax: max, recentMessages: recent)
            .fit(.fixture(messages: messages), by: ByteCounter())
    }

    @Test func `Up to 90 % of the limit everything is sent`() {
        let messages = chat(9)
        let fit = fit(messages, max: 2000)
        #expect(fit.request.messages == messages)
        #expect(fit.tokensBefore == 1800)
        #expect(fit.notice == nil)
    }

    @Test func `Over 90 % the oldest go until 70 % is left`() {
        let fit = fit(chat(10), max: 2200)
        #expect(
            names(fit) == [
                "q1", "q4", "a4", "q5", "a5", "q6", "a6", "q7", "a7", "q8", "a8", "q9", "a9", "q10", "a10",
            ])
        #expect(fit.tokensBefore == 2000)
        #expect(fit.tokensAfter == 1500)
        #expect(fit.messagesLeftOut == 5)
        #expect(fit.method == "bytes")
        #expect(fit.notice == "5 older messages left out of this request: 1500 of 2200 tokens (bytes)")
    }

    @Test func `The first question and the last messages stay`() {
        let fit = fit(chat(10), max: 500, recent: 4)
        #expect(names(fit) == ["q1", "q9", "a9", "q10", "a10"])
        #expect(fit.isWithinLimit)
    }

    @Test func `The question that the last messages answer stays with them`() {
        let loop = (1...6).flatMap { [call("\($0)"), result("\($0)")] }
        let fit = fit(chat(2) + [.user(text("q3"))] + loop, max: 1000, recent: 3)
        #expect(names(fit) == ["q1", "q3", "c-5", "r-5", "c-6", "r-6"])
    }

    @Test func `Calls and their results go together or stay together`() {
        let results = [
            call("a"), result("a"), call("b"), result("b"), call("c"), result("c"), .assistant(text("z")),
        ]
        for max in stride(from: 100, through: 1000, by: 50) {
            for recent in 0...4 {
                let kept = names(fit([.user(text("q"))] + results, max: max, recent: recent))
                for id in ["a", "b", "c"] { #expect(kept.contains("c-\(id)") == kept.contains("r-\(id)")) }
            }
        }
    }

    @Test func `Several results of one turn, and ids that repeat, find their calls`() {
        var both = call("x")
        both.toolCalls.append(ToolCall(id: "y", name: "lookup", arguments: .parsed([:])))
        let old = [both, result("x"), result("y")]
        let new = [call("x"), result("x"), .assistant(text("end"))]
        let fit = fit([.user(text("q"))] + old + new, max: 650, recent: 1)
        #expect(names(fit) == ["q", "c-x", "r-x", "end"])
        #expect(fit.messagesLeftOut == 3)
    }

    @Test func `A protected result stays, and its call with it`() {
        let fit = fit(
            [.user(text("q1")), call("a"), result("a", isProtected: true), call("b"), result("b")] + chat(3),
            max: 700, recent: 1)
        #expect(names(fit).starts(with: ["q1", "c-a", "r-a"]))
        #expect(!names(fit).contains("c-b"))
    }

    @Test func `System turns and the system prompt stay and count`() {
        var request = CompletionRequest.fixture(
            system: text("prompt"), messages: [.system(text("s"))] + chat(5), tools: [.fixture()])
        request.sharedMessages = 7
        let fit = ContextBudget(tokensMax: 1000, recentMessages: 1).fit(request, by: ByteCounter())
        #expect(fit.tokensBefore > 1200)
        #expect(fit.request.system == request.system)
        #expect(fit.request.messages.first?.role == .system)
        #expect(fit.request.sharedMessages == 2)
    }

    @Test func `If the least does not fit it is said`() {
        let fit = fit(chat(3), max: 250)
        #expect(names(fit) == ["q1", "q3", "a3"])
        #expect(!fit.isWithinLimit)
        #expect(
            fit.notice
                == "3 older messages left out of this request: 300 of 250 tokens (bytes), still more than the model takes; nothing else can be left out"
        )
    }

    @Test func `What was cut is not cut again for the next question`() {
        let budget = ContextBudget(tokensMax: 2000, recentMessages: 2)
        let first = budget.fit(.fixture(messages: chat(10)), by: ByteCounter())
        let next = first.request.messages + [.user(text("q11")), .assistant(text("a11"))]
        #expect(budget.fit(.fixture(messages: next), by: ByteCounter()).messagesLeftOut == 0)
    }

    @Test func `Ghosts are dropped and not counted`() {
        var request = CompletionRequest.fixture(messages: [.user("a"), .assistant(""), .user("b")])
        request.sharedMessages = 2
        let fit = ContextBudget(tokensMax: 1000).fit(request)
        #expect(fit.request.messages == [.user("a"), .user("b")])
        #expect(fit.request.sharedMessages == 1)
        #expect(fit.messagesLeftOut == 0)
        #expect(request.withoutGhosts == fit.request)
    }

    @Test func `The rough count is a little over the estimate and named like it`() {
        let request = CompletionRequest.fixture(system: "Be brief.", messages: chat(3), tools: [.fixture()])
        let rough = TokenEstimate.of(request, by: RoughTokenCounter())
        let plain = TokenEstimate.of(request)
        #expect(rough.method == plain.method)
        #expect((plain.tokens...(plain.tokens + 20)).contains(rough.tokens))
    }
}

@Suite struct `A provider with a context that fits` {
    private let long = CompletionRequest.fixture(
        messages: (1...30).map { .user("\($0) " + String(repeating: ".", count: 400)) })

    @Test func `It is sent what fits, and says what was left out`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture("Hi.")), .answer(.fixture("Hi."))])
        let provider = FittedContext(scripted) { $0 == ModelName("openai/asked-model") ? 2000 : nil }
        let (events, result) = await provider.heard(long)
        #expect(try result.get() == .fixture("Hi."))
        #expect(scripted.requests[0].messages.count < 20)
        let left = 30 - scripted.requests[0].messages.count
        guard case .warning(let notice)? = events.first else { return #expect(events.isEmpty) }
        #expect(notice.hasPrefix("\(left) older messages left out of this request: "))
        #expect(notice.hasSuffix(" of 2000 tokens (chars/4)"))
        _ = try await provider.complete(long)
        #expect(scripted.requests[1] == scripted.requests[0])
        #expect(provider.wireBody(of: long) == scripted.wireBody(of: scripted.requests[0]))
        #expect(provider.name == "scripted")
    }

    @Test func `A model whose limit nobody knows gets everything but ghosts`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture("Hi."))])
        var request = long
        request.messages.append(.assistant(""))
        #expect(
            await FittedContext(scripted) { _ in nil }.heard(request).events
                == Completion.fixture("Hi.").events)
        #expect(scripted.requests == [long])
    }

    @Test func `What cannot fit is sent all the same`() async throws {
        let scripted = ScriptedProvider([.answer(.fixture("Hi."))])
        let (events, result) = await FittedContext(scripted) { _ in 10 }.heard(long)
        #expect(try result.get().text == "Hi.")
        guard case .warning(let notice)? = events.first else { return #expect(events.isEmpty) }
        #expect(notice.hasSuffix("nothing else can be left out"))
    }
}
