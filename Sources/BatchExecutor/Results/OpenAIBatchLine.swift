import OrderedCollections
import ParleyCore

/// An answer as a line of an OpenAI batch output file.
///
/// The form has no place for cost or attempts, and asks for two ids: parley gives the number of the session. A failure
/// that an HTTP answer told is a `response` with that status and an `error` in its body; any other failure, and a job
/// that has not been answered, has no `response` and an `error` of its own. `created` is left out, because an answer does
/// not carry its time.
enum OpenAIBatchLine {
    static func json(of answer: Answer) -> JSON {
        let id = answer.session.map { "parley_session_\($0)" }
        return [
            "id": .string(id.map { "batch_req_\($0)" } ?? "batch_req_\(answer.customID)"),
            "custom_id": .string(answer.customID),
            "response": response(of: answer, id: id),
            "error": error(of: answer),
        ]
    }

    private static func response(of answer: Answer, id: String?) -> JSON {
        if answer.state == JobState.done.rawValue {
            return ["status_code": 200, "request_id": .string(id ?? ""), "body": body(of: answer, id: id)]
        }
        guard let error = answer.error, let status = error.status else { return .null }
        return [
            "status_code": .int(status), "request_id": .string(id ?? ""),
            "body": [
                "error": ["message": .string(error.message), "type": .string(error.kind), "code": .null]
            ],
        ]
    }

    private static func error(of answer: Answer) -> JSON {
        if answer.state == JobState.done.rawValue { return .null }
        guard let error = answer.error else {
            return [
                "code": .string(answer.state),
                "message": .string("The job has no answer: it is \(answer.state)."),
            ]
        }
        return error.status == nil ? ["code": .string(error.kind), "message": .string(error.message)] : .null
    }

    private static func body(of answer: Answer, id: String?) -> JSON {
        [
            "id": .string(id ?? ""), "object": "chat.completion", "model": .init(answer.model),
            "choices": [
                [
                    "index": 0, "message": message(of: answer), "logprobs": .null,
                    "finish_reason": .init(answer.finishReason),
                ]
            ],
            "usage": answer.usage.map(usage) ?? .null,
        ]
    }

    private static func message(of answer: Answer) -> JSON {
        var message: JSONObject = ["role": "assistant", "content": .init(answer.answer)]
        if let reasoning = answer.reasoning { message["reasoning_content"] = .string(reasoning) }
        if !answer.toolCalls.isEmpty {
            message["tool_calls"] = .array(
                answer.toolCalls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": [
                            "name": .string(call.name), "arguments": .string(call.arguments.rawText),
                        ],
                    ]
                })
        }
        return .object(message)
    }

    private static func usage(_ usage: Usage) -> JSON {
        [
            "prompt_tokens": .int(usage.inputTotal), "completion_tokens": .int(usage.output),
            "total_tokens": .int(usage.total),
            "prompt_tokens_details": ["cached_tokens": .int(usage.cacheRead)],
            "completion_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
        ]
    }
}
