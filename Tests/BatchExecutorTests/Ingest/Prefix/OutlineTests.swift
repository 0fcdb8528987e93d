import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

/// Which beginnings a row may share with others.
@Suite struct OutlineTests {
    private static func text(_ word: String, bytes: Int) -> String {
        String(String(repeating: word + " ", count: bytes / word.utf8.count + 1).prefix(bytes))
    }

    private func outline(
        _ row: JSONObject, template: String? = nil, system: String? = nil
    ) throws -> PromptOutline {
        let settings = BatchSettings.fixture(system: system, prompt: template)
        return try JobRequest(settings: settings).prepared(input: .object(row)).outline(makingKey: true)
    }

    private func ends(_ outline: PromptOutline) -> [[Int]] { outline.own.map { [$0.messages, $0.bytes] } }

    @Test func `What the template says before its first column is common to all rows`() throws {
        let short = try outline(
            ["word": "w"], template: "Define {{word}}.", system: Self.text("s", bytes: 100))
        // 107 bytes of the system prompt and the template.
        #expect(short.common == PromptOutline.End(messages: 0, bytes: 7, tokens: 27))
        #expect(short.own.isEmpty && short.key == nil)
        #expect(try outline(["word": "w"], template: "{{word}}?").common == nil)
    }

    @Test func `A long only column may be shared up to its first kilobyte, and up to most of it`() throws {
        let row: JSONObject = ["doc": .string(Self.text("word", bytes: 3000))]
        let long = try outline(row, template: "Read: {{doc}}")
        #expect(ends(long) == [[0, 6 + 1024], [0, 6 + 2048]])
        #expect(long.own.map(\.tokens) == [(6 + 1024 + 3) / 4, (6 + 2048 + 3) / 4])
        #expect(long.key?.hasLong == true)
    }

    @Test func `Of two columns the first is shared, with what stands behind it`() throws {
        let two = try outline(
            ["doc": .string(Self.text("word", bytes: 1500)), "q": "Why?"], template: "{{doc}}\n\n{{q}}!")
        #expect(ends(two) == [[0, 1502]] && two.key?.hasLong == false)
    }

    @Test func `Of three columns the first is shared, and the first two are`() throws {
        let three = try outline(
            [
                "book": .string(Self.text("book", bytes: 1100)),
                "part": .string(Self.text("part", bytes: 1100)),
                "q": "Why?",
            ], template: "B: {{book}} P: {{part}} Q: {{q}}")
        #expect(ends(three) == [[0, 3 + 1104], [0, 3 + 1104 + 1104]] && three.key?.hasLong == true)
    }

    @Test func `A system prompt of the row's own is shared, and then nothing is common`() throws {
        let own = try outline(["system": .string(Self.text("rule", bytes: 1200)), "prompt": "Why?"])
        #expect(own.common == nil && ends(own) == [[0, 0]] && own.own.first?.tokens == 300)
    }

    @Test func `Whole turns are shared, the last one is not`() throws {
        let messages: JSON = [
            ["role": "user", "content": .string(Self.text("word", bytes: 1500))],
            ["role": "assistant", "content": .string(Self.text("yes", bytes: 1100))],
            ["role": "user", "content": "Why?"],
        ]
        #expect(ends(try outline(["messages": messages])) == [[1, 0], [2, 0]])
    }

    @Test func `A long prompt column is cut like a column of a template`() throws {
        let prompt = try outline(["prompt": .string(Self.text("word", bytes: 5000))])
        #expect(ends(prompt) == [[0, 1024], [0, 4096]])
    }

    @Test func `Too short a row shares nothing of its own`() throws {
        let short = try outline(["prompt": .string(Self.text("word", bytes: 2047))])
        #expect(short.own.isEmpty && short.key == nil)
        let least = try outline(["prompt": .string(Self.text("word", bytes: 2048))])
        #expect(ends(least) == [[0, 1024]])
    }

    @Test func `Two rows with one document have one key, another document has another`() throws {
        func key(_ doc: String, _ question: String) throws -> PrefixKey? {
            try outline(["doc": .string(doc), "q": .string(question)], template: "{{doc}} {{q}}").key
        }
        let doc = Self.text("word", bytes: 1500)
        let one = try #require(try key(doc, "Why?"))
        #expect(try key(doc, "Who?") == one)
        #expect(try key(doc + "!", "Why?") != one)
    }

    @Test func `Documents that begin alike are siblings`() throws {
        func key(_ end: String) throws -> PrefixKey? {
            try outline(["prompt": .string(Self.text("word", bytes: 2000) + Self.text(end, bytes: 2000))]).key
        }
        let (one, two) = (try #require(try key("one")), try #require(try key("two")))
        #expect(one.short == two.short && one != two)
    }

    @Test(arguments: ["ü", "世", "🌍"])
    func `A text is cut between its characters, and is long enough behind the cut`(letter: String) throws {
        for shift in 0..<4 {
            let text =
                String(repeating: "a", count: shift)
                + String(repeating: letter, count: 2100 / letter.utf8.count)
            let end = try #require(try outline(["prompt": .string(text)]).own.first)
            #expect((1024...1027).contains(end.bytes) && String(text.utf8.prefix(end.bytes)) != nil)
        }
    }

    @Test func `The key is the same in every process`() throws {
        let key = try outline(["prompt": .string(Self.text("word", bytes: 5000))]).key
        #expect(key?.number == 1_111_753_616_504_370_918)
    }
}
