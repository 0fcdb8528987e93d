import OrderedCollections
import ParleyCore

/// The documents that OpenAI's Responses endpoint sends, each labelled as simulated in its metadata.
struct ResponsesDocuments {
    private let exchange: SimulatedExchange
    private var completion: Completion { exchange.completion }
    private var id: String { exchange.answer.id }

    init(_ exchange: SimulatedExchange) { self.exchange = exchange }

    var whole: JSON { response(status: status, output: items.map(\.done), isWhole: true) }

    /// Each event carries its number in the stream.
    var frames: [StreamFrame] {
        var events: [(part: StreamFrame.Part, event: JSONObject)] = []
        let begun = response(status: "in_progress", output: [], isWhole: false)
        events.append((.opening, ["type": "response.created", "response": begun]))
        events.append((.opening, ["type": "response.in_progress", "response": begun]))
        for (index, item) in items.enumerated() {
            events += self.events(of: item, at: index, isFirst: index == 0, isLast: index == items.count - 1)
        }
        let last = status == "completed" ? "response.completed" : "response.incomplete"
        events.append((.closing, ["type": .string(last), "response": whole]))
        return events.enumerated().map { number, step in
            var event = step.event
            event["sequence_number"] = .int(number)
            return .event(step.part, .object(event))
        }
    }

    private var status: String {
        switch completion.finishReason {
        case .length, .contentFilter: "incomplete"
        default: "completed"
        }
    }

    private func response(status: String, output: [JSON], isWhole: Bool) -> JSON {
        let request = exchange.asked.request
        let reason: JSON =
            switch completion.finishReason {
            case .length where isWhole: ["reason": "max_output_tokens"]
            case .contentFilter where isWhole: ["reason": "content_filter"]
            default: nil
            }
        return [
            "id": .string("resp_sim\(id)"), "object": "response", "created_at": .int(exchange.seconds),
            "status": .string(status), "error": nil, "incomplete_details": reason,
            "instructions": .init(request.system),
            "max_output_tokens": request.maxTokens.map { .int($0) } ?? nil,
            "model": .string(completion.model), "output": .array(output), "parallel_tool_calls": true,
            "previous_response_id": nil, "store": false, "truncation": "disabled",
            "metadata": ["simulated": "true"], "usage": isWhole ? usage : nil,
        ]
    }

    private var usage: JSON {
        let usage = exchange.usage
        var input: JSONObject = ["cached_tokens": .int(usage.cacheRead)]
        if exchange.answer.flavour == .openAIBreakpoints {
            input["cache_write_tokens"] = .int(usage.cacheWrite)
        }
        return [
            "input_tokens": .int(usage.inputTotal), "input_tokens_details": .object(input),
            "output_tokens": .int(usage.output),
            "output_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
            "total_tokens": .int(usage.total),
        ]
    }
}

extension ResponsesDocuments {
    /// One item of the output, whole, and how a stream brings it.
    private struct Item {
        var part: StreamFrame.Part
        var id: String
        /// Without what the pieces bring.
        var added: JSON
        var done: JSON
        var pieces: [String]
        /// `response.output_text`, `response.function_call_arguments`…
        var name: String
        /// The member that holds the whole of the pieces in the event at their end.
        var whole: (name: String, value: String)
        /// What each event of the pieces carries beside them.
        var places: JSONObject = [:]
        /// The part of a message or a summary that the pieces fill: empty, and filled.
        var content: (name: String, member: String, empty: JSON, filled: JSON)?
    }

    private var items: [Item] {
        var items: [Item] = []
        if let reasoning = exchange.reasoning { items.append(thought(reasoning)) }
        if !completion.text.isEmpty { items.append(message) }
        return items + completion.toolCalls.enumerated().map { call($1, at: $0) }
    }

    private func thought(_ reasoning: String) -> Item {
        func item(_ summary: [JSON]) -> JSON {
            [
                "id": .string("rs_sim\(id)"), "type": "reasoning", "summary": .array(summary),
                "encrypted_content": .string("c2ltdWxhdGVk\(id)"),
            ]
        }
        func summary(_ text: String) -> JSON { ["type": "summary_text", "text": .string(text)] }
        return Item(
            part: .opening, id: "rs_sim\(id)", added: item([]), done: item([summary(reasoning)]),
            pieces: exchange.reasoningPieces, name: "response.reasoning_summary_text",
            whole: ("text", reasoning), places: ["summary_index": 0],
            content: ("response.reasoning_summary_part", "part", summary(""), summary(reasoning)))
    }

    private var message: Item {
        func item(_ status: String, _ content: [JSON]) -> JSON {
            [
                "id": .string("msg_sim\(id)"), "type": "message", "status": .string(status),
                "role": "assistant", "content": .array(content),
            ]
        }
        func part(_ text: String) -> JSON {
            ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
        }
        return Item(
            part: .content, id: "msg_sim\(id)", added: item("in_progress", []),
            done: item(status, [part(completion.text)]), pieces: exchange.answer.pieces,
            name: "response.output_text", whole: ("text", completion.text), places: ["content_index": 0],
            content: ("response.content_part", "part", part(""), part(completion.text)))
    }

    private func call(_ call: ToolCall, at index: Int) -> Item {
        let itemID = "fc_sim\(id)\(index)"
        func item(_ status: String, _ arguments: String) -> JSON {
            [
                "id": .string(itemID), "type": "function_call", "status": .string(status),
                "call_id": .string(call.id), "name": .string(call.name), "arguments": .string(arguments),
            ]
        }
        return Item(
            part: .content, id: itemID, added: item("in_progress", ""),
            done: item("completed", call.arguments.rawText),
            pieces: SimulatedExchange.pieces(ofArguments: call), name: "response.function_call_arguments",
            whole: ("arguments", call.arguments.rawText))
    }

    private func events(of item: Item, at index: Int, isFirst: Bool, isLast: Bool)
        -> [(part: StreamFrame.Part, event: JSONObject)]
    {
        let before = isFirst ? StreamFrame.Part.opening : item.part
        let after = isLast ? StreamFrame.Part.closing : item.part
        var place: JSONObject = ["item_id": .string(item.id), "output_index": .int(index)]
        place.merge(item.places) { $1 }
        func event(_ type: String, _ members: JSONObject) -> JSONObject {
            (["type": .string(type)] as JSONObject).merging(members) { $1 }
        }
        var events = [
            (
                before,
                event("response.output_item.added", ["output_index": .int(index), "item": item.added])
            )
        ]
        if let content = item.content {
            events.append(
                (
                    before,
                    event("\(content.name).added", place.merging([content.member: content.empty]) { $1 })
                )
            )
        }
        for piece in item.pieces {
            events.append(
                (item.part, event("\(item.name).delta", place.merging(["delta": .string(piece)]) { $1 })))
        }
        events.append(
            (
                after,
                event("\(item.name).done", place.merging([item.whole.name: .string(item.whole.value)]) { $1 })
            ))
        if let content = item.content {
            events.append(
                (after, event("\(content.name).done", place.merging([content.member: content.filled]) { $1 }))
            )
        }
        events.append(
            (after, event("response.output_item.done", ["output_index": .int(index), "item": item.done])))
        return events
    }
}
