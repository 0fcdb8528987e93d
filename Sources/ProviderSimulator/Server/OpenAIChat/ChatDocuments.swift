import OrderedCollections
import ParleyCore

/// The documents that OpenAI's chat endpoint sends, each labelled as simulated in `system_fingerprint`.
///
/// Reasoning stands in `reasoning_content`, as DeepSeek has it: OpenAI itself does not show it here.
struct ChatDocuments {
    static let fingerprint = "fp_parley_simulated"

    private let exchange: SimulatedExchange
    private var completion: Completion { exchange.completion }

    init(_ exchange: SimulatedExchange) { self.exchange = exchange }

    var whole: JSON {
        var message: JSONObject = [
            "role": "assistant", "content": completion.toolCalls.isEmpty ? .string(completion.text) : .null,
            "refusal": nil,
        ]
        if let reasoning = exchange.reasoning { message["reasoning_content"] = .string(reasoning) }
        if !completion.toolCalls.isEmpty {
            message["tool_calls"] = .array(completion.toolCalls.map { Self.call($0, index: nil) })
        }
        return document(
            "chat.completion",
            choices: [
                [
                    "index": 0, "message": .object(message), "logprobs": nil,
                    "finish_reason": .string(completion.finishReason.word),
                ]
            ], usage: usage)
    }

    var frames: [StreamFrame] {
        var frames = [
            StreamFrame.data(.opening, chunk(["role": "assistant", "content": "", "refusal": nil]))
        ]
        frames += exchange.reasoningPieces.map {
            .data(.opening, chunk(["reasoning_content": .string($0)]))
        }
        frames += exchange.answer.pieces.map { .data(.content, chunk(["content": .string($0)])) }
        for (index, call) in completion.toolCalls.enumerated() {
            frames += Self.chunks(of: call, index: index).map { .data(.content, chunk($0)) }
        }
        frames.append(.data(.closing, chunk([:], completion.finishReason)))
        if exchange.asked.includesUsage {
            frames.append(
                .data(.closing, document("chat.completion.chunk", choices: [], usage: usage)))
        }
        return frames + [StreamFrame(.closing, "data: [DONE]\n\n")]
    }

    private func chunk(_ delta: JSON, _ reason: FinishReason? = nil) -> JSON {
        document(
            "chat.completion.chunk",
            choices: [
                ["index": 0, "delta": delta, "logprobs": nil, "finish_reason": .init(reason?.word)]
            ], usage: nil)
    }

    private func document(_ kind: String, choices: JSON, usage: JSON?) -> JSON {
        [
            "id": .string("chatcmpl-sim\(exchange.answer.id)"), "object": .string(kind),
            "created": .int(exchange.seconds), "model": .string(completion.model), "choices": choices,
            "usage": usage ?? nil, "system_fingerprint": .string(Self.fingerprint),
        ]
    }

    private static func call(_ call: ToolCall, index: Int?) -> JSON {
        var members: JSONObject = [:]
        if let index { members["index"] = .int(index) }
        members["id"] = .string(call.id)
        members["type"] = "function"
        members["function"] = ["name": .string(call.name), "arguments": .string(call.arguments.rawText)]
        return .object(members)
    }

    /// The id and name first, then the arguments in pieces, as OpenAI sends them.
    private static func chunks(of call: ToolCall, index: Int) -> [JSON] {
        var start = call
        start.arguments = .invalid(raw: "")
        return [["tool_calls": [Self.call(start, index: index)]]]
            + SimulatedExchange.pieces(ofArguments: call).map { piece in
                ["tool_calls": [["index": .int(index), "function": ["arguments": .string(piece)]]]]
            }
    }

    /// DeepSeek tells hits and misses in fields of its own, and OpenAI what it wrote to its cache since GPT-5.6.
    private var usage: JSON {
        let usage = exchange.usage
        var input: JSONObject = ["cached_tokens": .int(usage.cacheRead), "audio_tokens": 0]
        if exchange.answer.flavour == .openAIBreakpoints || exchange.answer.flavour == .anthropic {
            input["cache_write_tokens"] = .int(usage.cacheWrite)
        }
        var members: JSONObject = [
            "prompt_tokens": .int(usage.inputTotal), "completion_tokens": .int(usage.output),
            "total_tokens": .int(usage.total), "prompt_tokens_details": .object(input),
            "completion_tokens_details": [
                "reasoning_tokens": .int(usage.reasoning), "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            ],
        ]
        if exchange.answer.flavour == .deepSeek {
            members["prompt_cache_hit_tokens"] = .int(usage.cacheRead)
            members["prompt_cache_miss_tokens"] = .int(usage.inputTotal - usage.cacheRead)
        }
        return .object(members)
    }
}
