import ParleyCore
import ProviderStack

/// A long streamed answer in the shape that one kind of server gives it.
struct RecordedStream {
    /// The network's pieces: what one read of a socket brings at most here.
    static let pieceBytes = 16 * 1024
    private static let deltas = 2000

    let dialect: Dialect
    let name: String
    let bytes: [UInt8]
    /// The JSON of each chunk, for those who are given them one by one.
    let chunks: [[UInt8]]
    /// What must have been read at the end, or the figure would be of something else.
    let text: String

    private init(
        _ dialect: Dialect, _ name: String, head: [String], tail: [String], delta: (Int, String) -> String
    ) {
        let pieces = Prose.pieces(Self.deltas)
        let middle = pieces.enumerated().map { delta($0, JSON.string($1).text()) }
        self.dialect = dialect
        self.name = name
        text = pieces.joined()
        bytes = Array((head + middle + tail).joined().utf8)
        chunks = middle.map { event in
            let start = event.utf8.firstIndex(of: UInt8(ascii: "{")) ?? event.startIndex
            return Array(event.utf8[start...].filter { $0 != 0x0A })
        }
    }

    static func all(_ dialect: Dialect) -> [RecordedStream] {
        switch dialect {
        case .openAIChat: [openAI, openAICompatible]
        case .openAIResponses: [responses]
        case .anthropic: [anthropic]
        case .ollama: [ollama]
        }
    }

    /// Padding of changing length, as OpenAI sends it against those who count bytes on the wire.
    private static func padding(_ number: Int) -> String { String("aZ4kQ9xWb7LmT2pR".prefix(number % 17)) }

    private static var openAI: RecordedStream {
        let head = """
            "id":"chatcmpl-CkVXuSLBGsjHkW5bPGqvmzPGCvTEx","object":"chat.completion.chunk","created":1765150842,\
            "model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_f99638a8d7"
            """
        func chunk(_ delta: String, finish: String = "null", number: Int = 0) -> String {
            "data: {\(head),\"choices\":[{\"index\":0,\"delta\":\(delta),\"logprobs\":null,\"finish_reason\":\(finish)}],"
                + "\"usage\":null,\"obfuscation\":\"\(padding(number))\"}\n\n"
        }
        return RecordedStream(
            .openAIChat, "OpenAI's own",
            head: [chunk(#"{"role":"assistant","content":"","refusal":null}"#)],
            tail: [
                chunk("{}", finish: #""stop""#),
                "data: {\(head),\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":2000}}\n\n",
                "data: [DONE]\n\n",
            ],
            delta: { chunk("{\"content\":\($1)}", number: $0) })
    }

    private static var openAICompatible: RecordedStream {
        let head = """
            "id":"chatcmpl-4f8c1e2ab07d","object":"chat.completion.chunk","created":1765150842,\
            "model":"Qwen/Qwen3-32B"
            """
        func chunk(_ delta: String, finish: String = "null") -> String {
            "data: {\(head),\"choices\":[{\"index\":0,\"delta\":\(delta),\"logprobs\":null,\"finish_reason\":\(finish)}]}\n\n"
        }
        return RecordedStream(
            .openAIChat, "a compatible server's",
            head: [chunk(#"{"role":"assistant","content":""}"#)],
            tail: [chunk("{}", finish: #""stop""#), "data: [DONE]\n\n"],
            delta: { chunk("{\"content\":\($1)}") })
    }

    private static var responses: RecordedStream {
        func event(_ type: String, _ rest: String, _ number: Int) -> String {
            "event: \(type)\ndata: {\"type\":\"\(type)\",\"sequence_number\":\(number),\(rest)}\n\n"
        }
        let item =
            #""item_id":"msg_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654","output_index":0,"content_index":0"#
        let response =
            #""response":{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec","object":"response","model":"gpt-4.1""#
        let usage = """
            "usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":0},"output_tokens":2000,\
            "output_tokens_details":{"reasoning_tokens":0},"total_tokens":2037}
            """
        let text = JSON.string(Prose.text(deltas)).text()
        let message = """
            {"id":"msg_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654","type":"message","status":"completed",\
            "role":"assistant","content":[{"type":"output_text","text":\(text),"annotations":[]}]}
            """
        return RecordedStream(
            .openAIResponses, "OpenAI's own",
            head: [
                event(
                    "response.created",
                    "\(response),\"status\":\"in_progress\",\"output\":[],\"usage\":null}", 0)
            ],
            tail: [
                event(
                    "response.completed",
                    "\(response),\"status\":\"completed\",\"output\":[\(message)],\(usage)}", deltas + 1)
            ],
            delta: { number, piece in
                event(
                    "response.output_text.delta",
                    "\(item),\"delta\":\(piece),\"logprobs\":[],\"obfuscation\":\"\(padding(number))\"",
                    number + 1)
            })
    }

    private static var anthropic: RecordedStream {
        func event(_ type: String, _ rest: String) -> String {
            "event: \(type)\ndata: {\"type\":\"\(type)\"\(rest)}\n\n"
        }
        return RecordedStream(
            .anthropic, "Anthropic's own",
            head: [
                event(
                    "message_start",
                    """
                    ,"message":{"id":"msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY","type":"message","role":"assistant",\
                    "content":[],"model":"claude-sonnet-4-5","stop_reason":null,"stop_sequence":null,\
                    "usage":{"input_tokens":25,"output_tokens":1}}
                    """),
                event("content_block_start", #","index":0,"content_block":{"type":"text","text":""}"#),
                event("ping", ""),
            ],
            tail: [
                event("content_block_stop", #","index":0"#),
                event(
                    "message_delta",
                    #","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2000}"#
                ),
                event("message_stop", ""),
            ],
            delta: {
                event(
                    "content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\($1)}")
            })
    }

    private static var ollama: RecordedStream {
        func line(_ number: Int, _ rest: String) -> String {
            let nanoseconds = String(String(1_000_000_000 + number * 12_345).dropFirst())
            return "{\"model\":\"llama3.2\",\"created_at\":\"2025-07-07T20:22:19.\(nanoseconds)Z\",\(rest)}\n"
        }
        return RecordedStream(
            .ollama, "Ollama's own", head: [],
            tail: [
                line(
                    deltas,
                    """
                    "message":{"role":"assistant","content":""},"done_reason":"stop","done":true,\
                    "total_duration":5191566416,"load_duration":2154458,"prompt_eval_count":36,\
                    "prompt_eval_duration":383809000,"eval_count":2000,"eval_duration":4799921000
                    """)
            ],
            delta: { line($0, "\"message\":{\"role\":\"assistant\",\"content\":\($1)},\"done\":false") })
    }
}
