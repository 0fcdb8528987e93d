import OrderedCollections
import ParleyCore
import Testing

@Suite struct JSONTests {
    @Test func `Members keep the order of the text`() throws {
        let value = try JSON(parsing: #"{"b":1,"a":2,"c":3}"#)
        #expect(value.text() == #"{"b":1,"a":2,"c":3}"#)
    }

    @Test func `Sorted writing sorts at every depth`() throws {
        let value = try JSON(parsing: #"{"b":{"z":1,"y":[{"q":0,"p":0}]},"a":2}"#)
        #expect(value.text(sortsKeys: true) == #"{"a":2,"b":{"y":[{"p":0,"q":0}],"z":1}}"#)
    }

    @Test func `A number keeps its digits`() throws {
        #expect(try JSON(parsing: "12345678901234567890.10") == .number("12345678901234567890.10"))
        #expect(try JSON(parsing: "-0.5e-07").text() == "-0.5e-07")
    }

    @Test(arguments: ["3", "3.0", "30e-1"]) func `Whole numbers are integers however written`(text: String)
        throws
    {
        #expect(try JSON(parsing: text).intValue == 3)
    }

    @Test func `Escapes become what they mean`() throws {
        #expect(try JSON(parsing: #""\u00e9\n\"\\\/\ud83d\ude00""#) == .string("é\n\"\\/😀"))
    }

    @Test func `What is written can be read again`() throws {
        let text = String((0..<0x250).compactMap { UnicodeScalar($0).map(Character.init) }) + "😀"
        #expect(try JSON(parsing: JSON.string(text).text()) == .string(text))
    }

    @Test(arguments: [
        ("", "the text ends where a value should stand"), ("{", "the text ends inside an object"),
        ("[1", "the text ends inside an array"), ("\"ab", "the text ends inside a string"),
        ("[1,]", "a value cannot start with ']'"), ("{\"a\" 1}", "a colon is missing after a member's name"),
        ("01", "text after the end of the value"), ("1.", "a digit is missing after a decimal point"),
        (#""\ud800""#, "half of a surrogate pair is missing"),
        (#""\x""#, "there is no escape with that letter"),
        ("\"a\nb\"", "a control character stands unescaped in a string"),
        ("nul", "not a JSON word: only true, false and null are"),
        ("{} x", "text after the end of the value"),
    ]) func `Broken text is refused with its reason`(text: String, reason: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error?.reason == reason)
    }

    @Test func `Bytes that are not UTF-8 are refused`() {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func `An error knows its line and column`() throws {
        let text = "{\n  \"a\": tru\n}"
        let error = try #require(throws: JSONSyntaxError.self) { try JSON(parsing: text) }
        #expect(error.location(in: text.utf8) == (line: 2, column: 8))
    }

    @Test func `Nesting has a limit instead of a crash`() throws {
        let deep = String(repeating: "[", count: 100_000)
        let error = try #require(throws: JSONSyntaxError.self) { try JSON(parsing: deep) }
        #expect(error.reason == "nested deeper than \(JSONParser.depthMax) levels")
    }

    @Test func `Mutated text never crashes and never comes back changed`() throws {
        let seed = Array(#"{"a":[1,2.5e3,true,null,"x\u00e9\n"],"b":{"c":"😀","d":{}}}"#.utf8)
        var random = SplitMix(state: 7)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect(try JSON(parsing: value.bytes()) == value)
        }
    }
}

/// A small generator with a seed, so that a failing mutation can be found again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
