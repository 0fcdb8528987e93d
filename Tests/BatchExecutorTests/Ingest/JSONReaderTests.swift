import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct JSONReaderTests {
    @Test func `Each element of an array is a row, with its line`() throws {
        let read = try ReadRows.of(
            "\u{FEFF}[\n  {\"id\": 7, \"prompt\": \"a\"},\n\n  {\n \"id\": \"x\", \"prompt\": \"b\" }\n]\n",
            as: .json)
        #expect(
            read.rows == [
                .init(key: "7", input: #"{"id":7,"prompt":"a"}"#, line: 2),
                .init(key: "x", input: #"{"id":"x","prompt":"b"}"#, line: 4),
            ])
    }

    @Test func `Values of any kind are kept as they are`() throws {
        let line = #"{"prompt":"p","price":0.10,"big":12345678901234567890,"tags":["a",null],"ok":true}"#
        #expect(try ReadRows.of(line, as: .jsonl).inputs == [line])
    }

    @Test func `Splits do not matter`() throws {
        let text = #"[{"id":1,"prompt":"a \"q\" ü \\"} , {"id":2,"prompt":"b","n":[{},[1,2]]}]"#
        let whole = try ReadRows.of(text, as: .json)
        for piece in 1...text.utf8.count { #expect(try ReadRows.of(text, as: .json, piece: piece) == whole) }
    }

    @Test(arguments: [
        (#"[{"prompt":"a"}"#, "rows, line 1, column 16: the JSON is cut short; is the file complete?"),
        (
            "[{\"prompt\":\"a\"},\n{\"prom",
            "rows, line 2, column 7: the JSON is cut short; is the file complete?"
        ),
        ("[", "rows, line 1, column 2: the JSON is cut short; is the file complete?"),
        ("[ ]", "rows holds no rows"),
        ("", "rows is empty"),
        (
            #"{"prompt":"a"}"#,
            "rows holds an object where an array of rows should stand; for one object a line use --format jsonl"
        ),
        (
            #"[{"a":1},]"#,
            "rows, line 1, column 10: this is not JSON: a row is missing between the comma and the closing bracket"
        ),
        (
            #"[{"prompt":"a"} {"prompt":"b"}]"#,
            "rows, line 1, column 17: this is not JSON: a comma or a closing bracket is missing between two rows"
        ),
        (
            "[{\"prompt\":\"a\"}]\nx",
            "rows, line 2, column 1: this is not JSON: text stands behind the end of the array"
        ),
        (
            "[\n {\"prompt\": tru}]",
            "rows, line 2, column 13: this is not JSON: not a JSON word: only true, false and null are"
        ),
    ])
    func `What is wrong with an array is told with its place`(text: String, sentence: String) {
        #expect(ReadRows.refusal(of: text, as: .json) == sentence)
    }

    @Test func `Rows that are no objects are bad rows`() throws {
        let read = try ReadRows.of(#"[1, "x", null, [], {"prompt":"a"}]"#, as: .json)
        #expect(read.keys == ["5"])
        #expect(read.problems.first?.reason == "a row must be an object, this is a number")
        #expect(read.problems.count == 4)
    }

    @Test func `A broken line is one bad row among good ones`() throws {
        let read = try ReadRows.of("{\"prompt\":\"a\"}\n\n{oops}\n{\"prompt\":\"b\"}\n", as: .jsonl)
        #expect(read.keys == ["1", "3"])
        #expect(
            read.problems == [
                RowProblem(line: 3, reason: "this is not JSON: a member needs a quoted name (column 2)")
            ])
    }

    @Test func `A last line that merely stops means that the file is cut short`() throws {
        let text = "{\"prompt\":\"a\"}\n{\"prompt\":\"b"
        #expect(
            ReadRows.refusal(of: text, as: .jsonl).hasPrefix("rows, line 2, column 13: the JSON is cut short")
        )
        #expect(try ReadRows.of(text, as: .jsonl, skipsBadRows: true).keys == ["1"])
    }

    @Test func `A row without an id, where the first has one, is a bad row`() throws {
        let read = try ReadRows.of("{\"id\":\"x\",\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n", as: .jsonl)
        #expect(read.problems == [RowProblem(line: 2, reason: "it has no id, while the first row has one")])
    }

    @Test func `A missing column is told with the row's line`() throws {
        let read = try ReadRows.of(
            "{\"topic\":\"x\"}\n{\"tpoic\":\"y\"}\n", as: .jsonl, settings: .fixture(prompt: "On {{topic}}"))
        #expect(
            read.problems.map(\.description) == [
                "line 2: the prompt template names the column 'topic', which is not there "
                    + "(did you mean 'tpoic'?); the columns are: tpoic"
            ])
    }

    @Test func `A long system prompt is lifted out and can be put back`() throws {
        let system = String(repeating: "Rule. ", count: 60)
        let line: JSON = [
            "custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
            "body": [
                "model": "m",
                "messages": [
                    ["role": "system", "content": .string(system)], ["role": "user", "content": "u"],
                ],
            ],
        ]
        let read = try ReadRows.of(line.text() + "\n", as: .openAIBatch)
        #expect(read.rows[0].system == system)
        #expect(!read.inputs[0].contains("Rule."))
        #expect(LiftedSystem.restored(try JSON(parsing: read.inputs[0]), system: read.rows[0].system) == line)
    }

    @Test func `A batch line needs its custom_id`() throws {
        let body =
            #""method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"u"}]}"#
        let read = try ReadRows.of("{\(body)}\n{\"custom_id\":\"a\",\(body)}\n", as: .openAIBatch)
        #expect(read.keys == ["a"])
        #expect(read.problems == [RowProblem(line: 1, reason: "the custom_id is missing")])
    }
}

@Suite struct JobFileFormatTests {
    private func sniffed(_ text: String) -> JobFileFormat {
        Array(text.utf8).withUnsafeBufferPointer { JobFileFormat.sniffed(from: $0) }
    }

    @Test func `The first bytes tell the format`() {
        #expect(sniffed("\u{FEFF}  [{\"a\":1}]") == .json)
        #expect(sniffed("{\"a\":1}\n{\"a\":2}") == .jsonl)
        #expect(sniffed("{\"custom_id\":\"x\",\"body\":{}}\n") == .openAIBatch)
        #expect(sniffed("{\"custom_id\":\"x\",\"body\":{\"mess") == .openAIBatch)
        #expect(sniffed("id\tprompt\nx\ta, b\n") == .tsv)
        #expect(sniffed("id,prompt\nx\ty\n") == .csv)
        #expect(sniffed("prompt\n") == .csv)
    }

    @Test func `The extension wins, except for lines of JSON, which come in two kinds`() {
        #expect(JobFileFormat.named(by: "a/b.CSV") == .csv)
        #expect(JobFileFormat.named(by: "b.tsv") == .tsv)
        #expect(JobFileFormat.named(by: "b.json") == .json)
        #expect(JobFileFormat.named(by: "b.yml") == .job)
        #expect(JobFileFormat.named(by: "b.jsonl") == nil)
        #expect(JobFileFormat.named(by: "b") == nil)
    }
}
