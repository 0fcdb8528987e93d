import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct CSVReaderTests {
    @Test func `A row becomes an object with the file's columns in their order and spelling`() throws {
        let read = try ReadRows.of("ID, Topic ,PROMPT\nr1,birds,Why?\n")
        #expect(
            read.rows == [.init(key: "r1", input: #"{"ID":"r1"," Topic ":"birds","PROMPT":"Why?"}"#, line: 2)]
        )
    }

    @Test func `Rows without an id are numbered from 1`() throws {
        #expect(try ReadRows.of("prompt\na\n\nb\n").keys == ["1", "2"])
    }

    @Test func `custom_id wins over id`() throws {
        #expect(try ReadRows.of("id,custom_id,prompt\n1,x,a\n").keys == ["x"])
    }

    @Test func `A column can be named as the one of the ids`() throws {
        #expect(try ReadRows.of("Code,id,prompt\nk,1,a\n", idColumn: "code").keys == ["k"])
    }

    @Test func `Quotes hold separators, line ends and doubled quotes`() throws {
        let read = try ReadRows.of("id,prompt\r\n\"a,1\",\"say \"\"hi\"\"\r\nand\ngo\"\r\nb,x\r\n")
        #expect(read.keys == ["a,1", "b"])
        #expect(read.inputs[0] == #"{"id":"a,1","prompt":"say \"hi\"\r\nand\ngo"}"#)
        #expect(read.rows.map(\.line) == [2, 5])
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `Lines may end in LF, CRLF or CR, and the last need not`(end: String) throws {
        let read = try ReadRows.of("id,prompt\(end)a,x\(end)\(end)b,y")
        #expect(read.keys == ["a", "b"])
        #expect(read.rows.map(\.line) == [2, 4])
    }

    @Test func `A byte-order mark is no part of the first name`() throws {
        #expect(try ReadRows.of("\u{FEFF}id,prompt\na,x\n").inputs == [#"{"id":"a","prompt":"x"}"#])
    }

    @Test func `What JSON must escape is escaped`() throws {
        let read = try ReadRows.of("id,prompt\na\\b,\"tab\there \u{01} \u{1F} \\ \u{08}\u{0C}\"\n")
        #expect(read.keys == ["a\\b"])
        let row = try JSON(parsing: read.inputs[0])
        #expect(row["prompt"] == "tab\there \u{01} \u{1F} \\ \u{08}\u{0C}")
    }

    @Test func `A quote inside a bare cell is an ordinary character`() throws {
        #expect(try ReadRows.of("id,prompt\na,6\" pipe\n").inputs == [#"{"id":"a","prompt":"6\" pipe"}"#])
    }

    @Test func `Other scripts come through as they are`() throws {
        let text = "Grüße, 世界 🌍 — and so on, long enough for the fast path"
        let read = try ReadRows.of("id,prompt\né,\"\(text)\"\n")
        #expect(read.keys == ["é"])
        #expect(try JSON(parsing: read.inputs[0])["prompt"] == .string(text))
    }

    @Test func `Tabs separate in a TSV, and commas do not`() throws {
        #expect(try ReadRows.of("id\tprompt\na\tx, y\n", as: .tsv).inputs == [#"{"id":"a","prompt":"x, y"}"#])
    }

    @Test func `A long system prompt is lifted out, once for equal neighbours`() throws {
        let system = String(repeating: "Be kind. ", count: 40)
        let read = try ReadRows.of("id,system,prompt\na,\(system),x\nb,\(system),y\nc,short,z\n")
        #expect(read.rows.map(\.system) == [system, system, nil])
        #expect(read.inputs[0] == #"{"id":"a","system":null,"prompt":"x"}"#)
        #expect(read.inputs[2] == #"{"id":"c","system":"short","prompt":"z"}"#)
    }

    @Test func `A file of many chunks comes in order`() throws {
        let text = "id,prompt\n" + (1...5000).map { "r\($0),question \($0)\n" }.joined()
        #expect(try ReadRows.of(text).keys == (1...5000).map { "r\($0)" })
    }
}

@Suite struct CSVProblemTests {
    @Test func `Ragged rows, empty prompts and empty ids are named with their lines`() throws {
        let read = try ReadRows.of("id,prompt\na\nb,x,y\nc,\n ,x\ne,\"x\"y\nf,good\n")
        #expect(read.keys == ["f"])
        #expect(
            read.problems.map(\.description) == [
                "line 2: it has 1 field, the header has 2; the row is cut short",
                "line 3: it has 3 fields, the header has 2; put quotes around a text with separators in it",
                "line 4: the prompt is empty",
                "line 5: the id is empty",
                "line 6: text stands behind the closing quote of column 'prompt'; double each quote that belongs to the "
                    + "text",
            ])
    }

    @Test func `A refused row keeps its number`() throws {
        #expect(try ReadRows.of("prompt,x\na,1\n,2\nb,3\n").keys == ["1", "3"])
    }

    @Test func `An open quote is fatal and named where it opens`() {
        let text = "id,prompt\na,x\nb,\"never\nclosed\nc,y\n"
        #expect(
            ReadRows.refusal(of: text, skipsBadRows: true)
                == "rows, line 3, byte 3: a quote is opened here and never closed, so nobody can tell where the row ends; "
                + "close it, or double each quote that belongs to the text")
    }

    @Test func `Bytes that are not UTF-8 are named with line and byte`() throws {
        let bytes = Array("id,prompt\na,\"one\nca".utf8) + [0xE9] + Array(" va\"\nb,x\n".utf8)
        #expect(ReadRows.refusal(of: bytes).hasPrefix("rows, line 3, byte 3: 0xE9 is not UTF-8"))
        let read = try ReadRows.of(bytes, skipsBadRows: true)
        #expect(read.keys == ["b"])
        #expect(read.problems == [RowProblem(line: 2, reason: "it is not UTF-8")])
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0x80],
            [0xE2, 0x82],
        ] as [[UInt8]])
    func `Overlong forms, surrogates and cut characters are not UTF-8`(bytes: [UInt8]) {
        let text = Array("id,prompt\na,seven77".utf8) + bytes + Array("\n".utf8)
        #expect(ReadRows.refusal(of: text).contains("line 2, byte 10"))
    }

    @Test func `UTF-16 is called by its name`() {
        let bytes: [UInt8] = [0xFF, 0xFE] + "id,prompt".utf8.flatMap { [$0, 0] }
        #expect(ReadRows.refusal(of: bytes).hasPrefix("rows is written in UTF-16"))
    }

    @Test func `A NUL byte is refused`() {
        #expect(ReadRows.refusal(of: "id,prompt\na,x\0y\n").hasPrefix("rows, line 2, byte 4: a NUL byte"))
    }

    @Test(arguments: [
        ("id,prompt,id\n", "the header names the column 'id' twice"),
        ("Prompt,prompt\n", "the header names the column 'prompt' twice"),
        ("id,,prompt\n", "column 2 of the header has no name; name it, or delete the column"),
        (
            "id,text\n",
            "there is neither a 'prompt' nor a 'messages' column, and no prompt template; the columns are: id, text"
        ),
    ])
    func `A header that cannot be used is refused`(header: String, reason: String) {
        #expect(ReadRows.refusal(of: header + "1,2,3\n", skipsBadRows: true) == "rows, line 1: \(reason)")
    }

    @Test func `A column that the template lacks is named with what there is`() {
        #expect(
            ReadRows.refusal(of: "id,topic\n1,x\n", settings: .fixture(prompt: "About {{topc}}"))
                == "rows, line 1: the prompt template names the column 'topc', which the file does not have "
                + "(did you mean 'topic'?); the columns are: id, topic")
    }

    @Test func `Without any model nothing is read`() {
        #expect(
            ReadRows.refusal(of: "prompt\nx\n", settings: .fixture(model: nil)).hasPrefix(
                "rows: no model is named"))
        #expect(throws: Never.self) {
            try ReadRows.of("model,prompt\nopenai/x,y\n", settings: .fixture(model: nil))
        }
    }

    @Test func `A row without a model, where the batch has none, is a bad row`() throws {
        let read = try ReadRows.of("model,prompt\nopenai/x,y\n,z\n", settings: .fixture(model: nil))
        #expect(read.problems.map(\.line) == [3])
    }

    @Test func `Numbers of a row's own are checked`() throws {
        let read = try ReadRows.of(
            "prompt,max_tokens,temperature\na,10,0.5\nb,ten,\nc,,hot\nd,0,\ne,10,0.5\nf,,\n")
        #expect(read.keys == ["1", "5", "6"])
        #expect(read.problems.map(\.line) == [3, 4, 5])
    }

    @Test func `A header without rows, and an empty file, say so`() {
        #expect(ReadRows.refusal(of: "id,prompt\n\n") == "rows holds no rows")
        #expect(ReadRows.refusal(of: "") == "rows is empty")
    }

    @Test func `Only the first twenty problems are kept, but all are counted`() throws {
        let read = try ReadRows.of("id,prompt\n" + String(repeating: "x\n", count: 50) + "a,b\n")
        #expect(read.problems.count == IngestError.problemsListedMax)
    }

    @Test func `A row beyond the limit ends the reading`() {
        let text = "id,prompt\na,\"" + String(repeating: "x", count: 5000) + "\"\n"
        #expect(throws: IngestError.rowTooLong("rows", line: 2, bytesMax: 1024)) {
            try ReadRows.of(Array(text.utf8), piece: 100, rowBytesMax: 1024)
        }
    }
}
