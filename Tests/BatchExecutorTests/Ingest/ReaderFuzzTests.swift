import ParleyCore
import Testing

@testable import BatchExecutor

/// Broken files must be refused, not crash or hang the reader; and how a file is split must never matter.
@Suite struct ReaderFuzzTests {
    private static func mutated(_ seed: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert("\",\n\r\\{}[]:\t\0".utf8.randomElement(using: &random)!, at: place)
            case 3: bytes.removeSubrange(place...)
            case 4: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
        return bytes
    }

    /// What came of it, in words that can be compared.
    private static func outcome(_ bytes: [UInt8], _ format: JobFileFormat, skips: Bool, piece: Int) -> String
    {
        do {
            let read = try ReadRows.of(bytes, as: format, skipsBadRows: skips, piece: piece)
            for input in read.inputs { _ = try JSON(parsing: input) }
            return "\(read)"
        } catch {
            return "\(error)"
        }
    }

    private static func fuzz(_ seed: String, as format: JobFileFormat, rounds: Int = 1500) {
        for round in 0..<rounds {
            var random = SeededRandom(seed: UInt64(round))
            let bytes = mutated(Array(seed.utf8), &random)
            let skips = round.isMultiple(of: 2)
            let whole = outcome(bytes, format, skips: skips, piece: .max)
            let piece = Int.random(in: 1...9, using: &random)
            #expect(
                outcome(bytes, format, skips: skips, piece: piece) == whole, "round \(round), piece \(piece)")
        }
    }

    @Test func `A mutated CSV is read or refused`() {
        Self.fuzz(
            "id,prompt,note\r\n1,\"say \"\"hi\"\", you\",ü\r\n2,plain,\"two\nlines\"\r\n3,x,y\r\n", as: .csv)
    }

    @Test func `A mutated TSV is read or refused`() {
        Self.fuzz("id\tprompt\tmax_tokens\n1\thello\t5\n2\t\"a\tb\"\t\n", as: .tsv)
    }

    @Test func `A mutated JSON array is read or refused`() {
        Self.fuzz(
            #"[{"id": 1, "prompt": "a\n\u00e9", "x": [1, 2.5e3, null]}, {"id": "two", "messages": [{"role": "user", "content": "q"}]}]"#,
            as: .json)
    }

    @Test func `Mutated JSON lines are read or refused`() {
        Self.fuzz(
            "{\"id\": 1, \"prompt\": \"a\"}\n{\"id\": 2, \"prompt\": \"b\", \"model\": \"m\"}\n", as: .jsonl)
    }

    @Test func `A mutated batch file is read or refused`() {
        let body =
            #""body":{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}"#
        Self.fuzz(
            #"{"custom_id":"a","method":"POST","url":"/v1/chat/completions",\#(body)}"# + "\n",
            as: .openAIBatch)
    }

    @Test func `A mutated job sheet is read or refused`() {
        let seed = """
            input: [a.csv, b.csv]
            batch: x
            model: simulator/sim-small
            prompt: |
              About {{topic}}:
              go on
            limits: {concurrency: 4, rpm: 60}
            options: &o {top_p: 0.5}
            schema: {type: object, properties: *o}
            """
        for round in 0..<1500 {
            var random = SeededRandom(seed: UInt64(round))
            let text = String(decoding: Self.mutated(Array(seed.utf8), &random), as: UTF8.self)
            do {
                _ = try JobSheetReader(file: "sheet.yaml", folder: "").read(text)
            } catch {
                #expect(error is IngestError, "round \(round): \(error)")
            }
        }
    }

    @Test func `A mutated template is parsed or refused`() {
        for round in 0..<500 {
            var random = SeededRandom(seed: UInt64(round))
            let text = String(
                decoding: Self.mutated(Array("a {{ b }} c {{d}} {{e}}".utf8), &random), as: UTF8.self)
            _ = try? PromptTemplate(parsing: text)
        }
    }

    @Test func `Deep nesting is refused, in JSON and in YAML`() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(
            ReadRows.refusal(of: "[{\"prompt\": \"x\", \"y\": \(deep)", as: .json).contains("nested deeper"))
        #expect(throws: (any Error).self) {
            try JobSheetReader(file: "s", folder: "").read(
                "input: a\noptions: {x: \(String(repeating: "[", count: 5000))")
        }
    }
}
