import ParleyCore
import Testing

@testable import Conversations

struct ValueTests {
    @Test func `A seam shows no word twice`() {
        let beginning = "The answer is long and it goes on and on until"
        #expect(AnswerJoin(beginning).whole(" the end.") == beginning + " the end.")
        #expect(AnswerJoin(beginning).whole("it goes on and on until the end.") == beginning + " the end.")
        #expect(AnswerJoin(beginning).whole(beginning + " the end.") == beginning + " the end.")
        #expect(AnswerJoin(beginning).whole("until the end.") == beginning + "until the end.")
        #expect(AnswerJoin("").whole("All.") == "All.")
    }

    @Test func `Two kilobytes are due at once, less by the clock`() {
        var pace = CheckpointPace()
        #expect(!pace.isDue)
        let isEarly = pace.note(CheckpointPace.bytesMax - 1)
        #expect(!isEarly)
        #expect(pace.isDue)
        let isFull = pace.note(1)
        #expect(isFull)
        pace.stored()
        #expect(!pace.isDue)
    }
}
