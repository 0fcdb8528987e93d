import ParleyCore
import ProviderStack
import Testing

@Suite(.timeLimit(.minutes(1))) struct ObserverTests {
    @Test func `Each attempt is told before it is sent, and its end once`() async {
        let clock = LeapingClock()
        let voice = ScriptedVoice(
            [.fail(.overloaded), .fail(.quotaExhausted)], clock: clock, latency: .milliseconds(300))
        let next = ScriptedVoice([.answer()], name: "anthropic")
        let bench = StackBench([voice, next], clock: clock)
        _ = await bench.listen()
        let heard = bench.observer.heard
        #expect(
            heard.order == [
                "sent", "ended", "waiting", "sent", "ended", "fallback", "sent", "ended",
            ])
        #expect(
            heard.sent.map(\.request.model.description) == [
                "openai/model", "openai/model", "anthropic/model",
            ])
        #expect(heard.ended.map(\.latency) == [.milliseconds(300), .milliseconds(300), .zero])
        #expect(heard.ended.map(\.wireBody) == ["body for openai/model", "body for openai/model", nil])
        #expect(heard.ended.last?.firstEvent == .zero)
        #expect(heard.sent.allSatisfy { $0.estimate.method == "chars/4" && $0.estimate.tokens > 0 })
    }

    @Test func `A ledger that cannot be written lets nothing be sent`() async {
        let full = Failure(kind: .cancelled, provider: "openai", message: "the disk is full")
        let voice = ScriptedVoice([.answer()])
        let bench = StackBench([voice], observer: LogObserver(refusing: full))
        #expect(await bench.ask().failure == full)
        #expect(voice.requests.isEmpty)
    }

    @Test func `A cancelled attempt has an end too`() async {
        let voice = ScriptedVoice([.hang])
        let bench = StackBench([voice])
        let task = Task { await bench.ask() }
        while voice.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(await task.value.failure?.kind == .cancelled)
        #expect(bench.observer.heard.order == ["sent", "ended"])
        #expect(bench.observer.kinds == [.cancelled])
    }

    @Test func `A cancelled task sends nothing more`() async {
        let voice = ScriptedVoice([.answer()])
        let bench = StackBench([voice])
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await bench.ask()
        }
        task.cancel()
        #expect(await task.value.failure?.kind == .cancelled)
        #expect(voice.requests.isEmpty && bench.observer.heard.sent.isEmpty)
    }

    @Test func `A wait says why and until when`() async {
        let bench = StackBench([ScriptedVoice([.fail(.rateLimited, retryAfter: .seconds(5)), .answer()])])
        let start = bench.clock.now
        _ = await bench.ask()
        #expect(
            bench.observer.heard.waits == [
                PolicyWait(
                    model: ModelName("openai/model")!, reason: .retry(.rateLimited),
                    until: start + .seconds(5))
            ])
    }
}
