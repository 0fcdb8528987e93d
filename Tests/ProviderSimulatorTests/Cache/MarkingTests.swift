import ParleyCore
import ProviderSimulator
import Testing

/// How the simulator, in process, reads what a wire client would send.
@Suite struct MarkingTests {
    private func request(
        model: String = "simulator/claude-sonnet-5", _ cache: PromptCacheWish
    ) -> CompletionRequest {
        var request = CompletionRequest.fixture("Document. Question?", system: "Be brief.", model: model)
        request.cache = cache
        return request
    }

    @Test func `A message that is shared in part is marked inside`() {
        let question = SimulatedQuestion(marking: request(PromptCacheWish(sharedBytes: 10)))
        #expect(question.marks == [CacheMark(.system), CacheMark(.message(0), bytes: 10)])
    }

    @Test func `An hour is asked for at each mark, and nothing is marked for none`() {
        let hour = SimulatedQuestion(marking: request(PromptCacheWish(retention: .hour, sharedBytes: 10)))
        #expect(hour.marks.count == 2 && hour.marks.allSatisfy(\.isLong))
        let none = SimulatedQuestion(marking: request(PromptCacheWish(retention: .none, sharedBytes: 10)))
        #expect(none.marks.isEmpty && none.keepsMarkedOnly && none.request.cacheKey == nil)
    }

    @Test func `A job keeps what is marked only, a conversation its end as well`() {
        #expect(SimulatedQuestion(marking: request(PromptCacheWish(keepsEnd: false))).keepsMarkedOnly)
        #expect(!SimulatedQuestion(marking: request(PromptCacheWish())).keepsMarkedOnly)
    }

    @Test func `Where keys tell machines apart, each beginning and each shard has one`() {
        func key(_ cache: PromptCacheWish, model: String = "simulator/gpt-5.4") -> String? {
            SimulatedQuestion(marking: request(model: model, cache)).request.cacheKey
        }
        let keys = [
            key(PromptCacheWish()), key(PromptCacheWish(shard: 1)), key(PromptCacheWish(sharedBytes: 10)),
        ]
        #expect(Set(keys).count == 3 && !keys.contains(nil))
        #expect(key(PromptCacheWish(), model: "simulator/gpt-5.6") == nil)
    }
}
