import OrderedCollections
import ParleyCore

/// The documents that OpenAI's chat endpoint sends, each labelled as simulated in `system_fingerprint`.
enum OpenAIDocuments {
    static let fingerprint = "fp_parley_simulated"

    static func whole(_ completion: Completion, created: Timestamp) -> JSON {
        var message: JSONObject = [
            "role": "assistant", "content": completion.toolCalls.isEmpty ? .string(completion.text) : .null,
            "refusal": nil,
        ]
        if !completion.toolCalls.isEmpty {
            message["tool_calls"] = .array(completion.toolCalls.map { call($0, index: nil) })
        }
        return [
            "id": .init(completion.requestID), "object": "chat.completion",
            "created": .int(created.milliseconds / 1000), "model": .string(completion.model),
            "choices": [
                [
                    "index": 0, "message": .object(message), "logprobs": nil,
                    "finish_reason": .string(completion.finishReason.word),
                ]
            ],
            "usage": completion.usage.map(usage) ?? nil, "system_fingerprint": .string(fingerprint),
        ]
    }

    static func chunk(
        of completion: Completion, created: Timestamp, delta: JSON, finishReason: FinishReason? = nil
    ) -> JSON {
        chunk(
            of: completion, created: created,
            choices: [
                [
                    "index": 0, "delta": delta, "logprobs": nil, "finish_reason": .init(finishReason?.word),
                ]
            ], usage: nil)
    }

    /// The trailing chunk of `include_usage`.
    static func usageChunk(of completion: Completion, created: Timestamp) -> JSON {
        chunk(of: completion, created: created, choices: [], usage: completion.usage.map(usage))
    }

    private static func chunk(
        of completion: Completion, created: Timestamp, choices: JSON, usage: JSON?
    ) -> JSON {
        [
            "id": .init(completion.requestID), "object": "chat.completion.chunk",
            "created": .int(created.milliseconds / 1000), "model": .string(completion.model),
            "system_fingerprint": .string(fingerprint), "choices": choices, "usage": usage ?? nil,
        ]
    }

    static func call(_ call: ToolCall, index: Int?) -> JSON {
        var members: JSONObject = [:]
        if let index { members["index"] = .int(index) }
        members["id"] = .string(call.id)
        members["type"] = "function"
        members["function"] = ["name": .string(call.name), "arguments": .string(call.arguments.rawText)]
        return .object(members)
    }

    private static func usage(_ usage: Usage) -> JSON {
        [
            "prompt_tokens": .int(usage.inputTotal), "completion_tokens": .int(usage.output),
            "total_tokens": .int(usage.total),
            "prompt_tokens_details": ["cached_tokens": .int(usage.cacheRead), "audio_tokens": 0],
            "completion_tokens_details": [
                "reasoning_tokens": .int(usage.reasoning), "audio_tokens": 0, "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            ],
        ]
    }

    static func models(_ names: [String]) -> JSON {
        [
            "object": "list",
            "data": .array(
                names.map { name in
                    ["id": .string(name), "object": "model", "created": 0, "owned_by": "parley-simulator"]
                }),
        ]
    }
}
