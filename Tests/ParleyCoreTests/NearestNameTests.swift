import Testing

@testable import ParleyCore

@Suite struct `Nearest name` {
    @Test func `A slip of the finger finds the name that was meant`() {
        #expect(NearestName.of("concurency", among: ["rpm", "concurrency"]) == "concurrency")
        #expect(NearestName.of("captials", among: ["questions", "capitals"]) == "capitals")
        #expect(NearestName.of("OpenAi", among: ["openai"]) == "openai")
    }

    @Test func `Nothing is suggested when no name is close`() {
        #expect(NearestName.of("weather", among: ["capitals", "questions"]) == nil)
        #expect(NearestName.of("a", among: []) == nil)
    }

    @Test func `Swapped neighbours count as one slip`() {
        #expect(NearestName.distance(Array("ab"), Array("ba")) == 1)
        #expect(NearestName.distance(Array(""), Array("abc")) == 3)
    }
}
