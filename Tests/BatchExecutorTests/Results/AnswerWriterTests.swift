import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

extension Answer {
    static func fixture(
        id: String = "a", state: String = "done", answer: String? = "yes", object: JSON? = nil,
        error: Problem? = nil, input: JSON = ["id": "a", "prompt": "p"]
    ) -> Answer {
        Answer(
            customID: id, state: state, answer: answer, object: object, model: "simulator/sim-small",
            finishReason: answer == nil ? nil : "stop",
            usage: answer == nil ? nil : Usage(inputUncached: 10, cacheRead: 5, output: 3, reasoning: 1),
            cost: answer == nil ? nil : Picodollars(dollars: "0.000123"), error: error, attempts: 1,
            session: 7,
            input: input)
    }
}

@Suite struct AnswerWriterTests {
    private func written(
        _ answers: [Answer], as format: AnswerWriter.Format, schema: JSON? = nil
    ) throws -> String {
        var columns = AnswerColumns(schema: schema)
        for answer in answers { columns.add(answer) }
        var bytes: [UInt8] = []
        var writer = AnswerWriter(format: format, columns: columns) { bytes += copy $0 }
        for answer in answers { try writer.write(answer) }
        try writer.finish()
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `JSON lines are one answer a line`() throws {
        let text = try written([.fixture(), .fixture(id: "b")], as: .jsonl)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(try JSON(parsing: String(lines[1])) == Answer.fixture(id: "b").json)
    }

    @Test func `JSON is one array, also of nothing`() throws {
        let text = try written([.fixture(), .fixture(id: "b")], as: .json)
        #expect(try JSON(parsing: text) == [Answer.fixture().json, Answer.fixture(id: "b").json])
        #expect(try JSON(parsing: written([], as: .json)) == [])
    }

    @Test func `A table has the input's columns first, then what became of the row`() throws {
        #expect(
            try written([.fixture(input: ["ID": "a", "Topic": "x"])], as: .csv)
                == "ID,Topic,answer,state,model,finish_reason,input_tokens,cache_read,cache_write,output_tokens,cost_usd,"
                + "error\r\na,x,yes,done,simulator/sim-small,stop,10,5,0,3,0.000123,\r\n")
    }

    @Test func `Only where some answer was reused it is marked, and a table says of each`() throws {
        var copy = Answer.fixture(id: "b", input: ["ID": "b"])
        copy.isReused = true
        #expect(copy.json["reused"] == true && Answer.fixture().json["reused"] == nil)
        let lines = try written([.fixture(input: ["ID": "a"]), copy], as: .csv).split(separator: "\r\n")
        #expect(lines[0].hasSuffix(",error,reused"))
        #expect(lines[1].hasSuffix(",0.000123,,") && lines[2].hasSuffix(",0.000123,,true"))
    }

    @Test func `Names that the input has too are prefixed, and the input keeps its own`() throws {
        let text = try written([.fixture(input: ["answer": "mine", "state": "TX"])], as: .csv)
        #expect(text.hasPrefix("answer,state,parley_answer,parley_state,model,"))
        #expect(text.contains("\r\nmine,TX,yes,done,"))
    }

    @Test func `Columns that only later rows have follow behind`() throws {
        let text = try written(
            [.fixture(input: ["a": 1]), .fixture(input: ["b": [1, 2], "a": nil])], as: .csv)
        #expect(text.hasPrefix("a,b,answer,"))
        #expect(text.contains("\r\n1,,yes"))
        #expect(text.contains("\r\n,\"[1,2]\",yes"))
    }

    @Test func `Each property of an asked-for object has a column`() throws {
        let schema: JSON = ["properties": ["mood": [:], "score": [:]]]
        let answer = Answer.fixture(
            answer: #"{"score":5,"mood":"good"}"#, object: ["score": 5, "mood": "good"])
        let text = try written([answer], as: .csv, schema: schema)
        #expect(text.hasPrefix("id,prompt,answer,object.mood,object.score,state,"))
        #expect(text.contains(",good,5,done,"))
    }

    @Test func `A failed job has its error in the table`() throws {
        let failed = Answer.fixture(
            state: "failed", answer: nil, error: .init(kind: "rejected", message: "no, thanks", status: 400))
        #expect(
            try written([failed], as: .csv).hasSuffix(
                "a,p,,failed,simulator/sim-small,,,,,,,\"rejected: no, thanks\"\r\n"))
    }

    @Test func `A batch line has the form of OpenAI's output files`() throws {
        let line = try JSON(parsing: written([.fixture()], as: .openAIBatch))
        #expect(line["custom_id"] == "a")
        #expect(line["error"] == JSON.null)
        #expect(line["response"]?["status_code"] == 200)
        let body = line["response"]?["body"]
        #expect(body?["choices"]?.arrayValue?.first?["message"]?["content"] == "yes")
        #expect(body?["choices"]?.arrayValue?.first?["finish_reason"] == "stop")
        #expect(body?["usage"]?["prompt_tokens"] == 15)
        #expect(body?["usage"]?["completion_tokens"] == 3)
        #expect(body?["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 5)
    }

    @Test func `A batch line tells failures of the wire by status, and others by an error`() throws {
        let refused = Answer.fixture(
            state: "failed", answer: nil, error: .init(kind: "rejected", message: "m", status: 400))
        let lost = Answer.fixture(
            state: "failed", answer: nil, error: .init(kind: "unreachable", message: "m"))
        let waiting = Answer.fixture(state: "waiting", answer: nil)
        let lines = try written([refused, lost, waiting], as: .openAIBatch).split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
        #expect(lines[0]["response"]?["status_code"] == 400)
        #expect(lines[0]["response"]?["body"]?["error"]?["message"] == "m")
        #expect(lines[1]["response"] == JSON.null)
        #expect(lines[1]["error"] == ["code": "unreachable", "message": "m"])
        #expect(lines[2]["error"]?["code"] == "waiting")
    }

    @Test func `What is written is handed on in pieces`() throws {
        var pieces = 0
        var writer = AnswerWriter(format: .jsonl) { _ in pieces += 1 }
        for _ in 0..<2000 { try writer.write(.fixture()) }
        try writer.finish()
        #expect((2...20).contains(pieces))
    }
}

@Suite struct CSVLineTests {
    private func cell(_ text: String) -> String {
        var bytes: [UInt8] = []
        var line = CSVLine()
        line.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        "=1+1", "+1+1", "-1-1", "@SUM(A1)", "\tx", "\rx", "=HYPERLINK(\"http://x\",\"y\")", "-", "+", "-x",
        "+1 ", "-1e",
        "--1", "＝1", "-.5", "-1.", "1e5".replacing("1", with: "-x"),
    ])
    func `What could become a formula becomes text`(text: String) {
        #expect(cell(text).hasPrefix("\"'"))
    }

    @Test(arguments: ["-5", "+3.2", "-1e3", "+1E-7", "5", "a=b", "x-y", "", "1,5".replacing(",", with: ".")])
    func `Plain numbers and plain text stay as they are`(text: String) {
        #expect(cell(text) == text)
    }

    @Test func `Quotes, separators and line ends are quoted`() {
        #expect(cell("a,b") == "\"a,b\"")
        #expect(cell("say \"hi\"\n") == "\"say \"\"hi\"\"\n\"")
        #expect(cell(" x") == "\" x\"")
    }

    @Test func `A name of a column cannot become a formula either`() throws {
        var bytes: [UInt8] = []
        var columns = AnswerColumns()
        columns.add(.fixture(input: ["=cmd": "x"]))
        AnswerTable(columns: columns).appendHeader(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("\"'=cmd\","))
    }
}
