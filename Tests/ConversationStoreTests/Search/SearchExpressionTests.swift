import GRDB
import Testing

@testable import ConversationStore

/// What a person writes, and what the index reads.
struct SearchExpressionTests {
    static let readings: [(text: String, match: String)] = [
        ("tokyo", #"("tokyo")"#),
        ("tokyo station", #"("tokyo" AND "station")"#),
        ("tokyo AND station", #"("tokyo" AND "station")"#),
        (#""city hall" tokyo"#, #"("city hall" AND "tokyo")"#),
        (#"tokyo"city hall""#, #"("tokyo" AND "city hall")"#),
        (#""never closed"#, #"("never closed")"#),
        ("tok*", #"("tok" *)"#),
        (#""city ha"*"#, #"("city ha" *)"#),
        ("a OR b c", #"("a") OR ("b" AND "c")"#),
        ("OR a OR", #"("a")"#),
        ("tokyo -station", #"(("tokyo") NOT ("station"))"#),
        ("NOT station tokyo -hall", #"(("tokyo") NOT ("station" OR "hall"))"#),
        (#"tokyo -"city hall""#, #"(("tokyo") NOT ("city hall"))"#),
        ("content:tokyo (NEAR) ^a", #"("content tokyo" AND "NEAR" AND "a")"#),
        ("e-mail", #"("e mail")"#),
        ("it's ++ fine", #"("it s" AND "fine")"#),
        ("or not and", #"("or" AND "not" AND "and")"#),
        ("日*", #"("日" *)"#),
        ("nul\u{0}l", #"("nul l")"#),
    ]

    @Test(arguments: readings)
    func `A query is read as a person means it`(reading: (text: String, match: String)) throws {
        #expect(try SearchExpression(reading.text).match == reading.match)
    }

    static let refusals: [(text: String, error: SearchExpressionError)] = [
        ("", .noWords), ("?!… ()", .noWords), (#""" ''"#, .noWords), ("OR AND NOT", .noWords),
        ("-tokyo", .onlyExclusions), ("a OR -b", .onlyExclusions), ("t*", .prefixTooShort("t")),
        (String(repeating: "a ", count: 65), .tooManyWords),
    ]

    @Test(arguments: refusals)
    func `What cannot be looked for is said in a sentence`(
        refusal: (text: String, error: SearchExpressionError)
    ) {
        #expect(throws: refusal.error) { _ = try SearchExpression(refusal.text) }
        #expect(refusal.error.description.hasSuffix("."))
    }

    /// Signs of the index's own language more often than letters.
    private static let alphabet: [Character] = Array(
        "aabbcé*日\"\"--()^:+{}[]/\\'`,;.~%$#@!?<>=|&_0 1  \t\n\u{0}\u{1}\u{301}🙂\u{1F1E9}𝔘ßا")
    private static let words = ["OR", "AND", "NOT", "NEAR", "NEAR(", "content", "rowid", "a*", "\"", "-"]

    @Test func `Nothing that is written is a syntax error`() throws {
        let memory = try DatabaseQueue()
        try memory.write { database in
            try database.execute(
                sql: """
                    CREATE VIRTUAL TABLE f USING fts5 (
                        content, reasoning, tokenize = 'unicode61 remove_diacritics 2', prefix = '2');
                    INSERT INTO f VALUES ('aa bb cé 日本 OR and', 'a b content near'), ('abc', NULL);
                    """)
            var random = SplitMix(seed: 7)
            var understood = 0
            for _ in 0..<20_000 {
                var text = ""
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    if Int.random(in: 0..<5, using: &random) == 0 {
                        text += " " + Self.words.randomElement(using: &random)! + " "
                    } else {
                        text.append(Self.alphabet.randomElement(using: &random)!)
                    }
                }
                guard let expression = try? SearchExpression(text) else { continue }
                understood += 1
                _ = try Int.fetchAll(
                    database, sql: "SELECT rowid FROM f WHERE f MATCH ?", arguments: [expression.match])
            }
            #expect(understood > 5_000)
        }
    }
}

/// Random numbers that are the same each time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
