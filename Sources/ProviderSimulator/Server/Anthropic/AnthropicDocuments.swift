import OrderedCollections
import ParleyCore

/// The documents that Anthropic's messages endpoint sends; each id begins with `msg_sim`.
struct AnthropicDocuments {
    private let exchange: SimulatedExchange
    private var completion: Completion { exchange.completion }

    init(_ exchange: SimulatedExchange) { self.exchange = exchange }

    /// What the server wants back unchanged with the thinking.
    private var signature: String { "c2ltdWxhdGVk\(exchange.answer.id)" }

    var whole: JSON {
        var blocks: [JSON] = []
        if let reasoning = exchange.reasoning {
            blocks.append(
                ["type": "thinking", "thinking": .string(reasoning), "signature": .string(signature)])
        }
        if !completion.text.isEmpty { blocks.append(["type": "text", "text": .string(completion.text)]) }
        for call in completion.toolCalls {
            blocks.append(Self.block(of: call, input: .object(call.arguments.object ?? [:])))
        }
        return message(content: blocks, isWhole: true)
    }

    var frames: [StreamFrame] {
        var frames = [
            StreamFrame.event(
                .opening, ["type": "message_start", "message": message(content: [], isWhole: false)])
        ]
        let blocks = streamedBlocks
        for (index, block) in blocks.enumerated() {
            let isLast = index == blocks.count - 1
            frames.append(
                .event(
                    index == 0 ? .opening : block.part,
                    ["type": "content_block_start", "index": .int(index), "content_block": block.start]))
            if index == 0 { frames.append(.event(.opening, ["type": "ping"])) }
            frames += block.deltas.map { delta in
                .event(
                    block.part, ["type": "content_block_delta", "index": .int(index), "delta": delta])
            }
            frames.append(
                .event(
                    isLast ? .closing : block.part,
                    ["type": "content_block_stop", "index": .int(index)]))
        }
        frames.append(
            .event(
                .closing, ["type": "message_delta", "delta": .object(ending), "usage": usage(isWhole: true)])
        )
        return frames + [.event(.closing, ["type": "message_stop"])]
    }

    private struct Block {
        var part: StreamFrame.Part
        var start: JSON
        var deltas: [JSON]
    }

    private var streamedBlocks: [Block] {
        var blocks: [Block] = []
        let thoughts = exchange.reasoningPieces
        if !thoughts.isEmpty {
            blocks.append(
                Block(
                    part: .opening, start: ["type": "thinking", "thinking": "", "signature": ""],
                    deltas: thoughts.map { ["type": "thinking_delta", "thinking": .string($0)] }
                        + [["type": "signature_delta", "signature": .string(signature)]]))
        }
        if !completion.text.isEmpty {
            blocks.append(
                Block(
                    part: .content, start: ["type": "text", "text": ""],
                    deltas: exchange.answer.pieces.map { ["type": "text_delta", "text": .string($0)] }))
        }
        for call in completion.toolCalls {
            blocks.append(
                Block(
                    part: .content, start: Self.block(of: call, input: [:]),
                    deltas: SimulatedExchange.pieces(ofArguments: call).map {
                        ["type": "input_json_delta", "partial_json": .string($0)]
                    }))
        }
        return blocks
    }

    private static func block(of call: ToolCall, input: JSON) -> JSON {
        ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input]
    }

    private func message(content: [JSON], isWhole: Bool) -> JSON {
        let end: JSONObject = isWhole ? ending : ["stop_reason": nil, "stop_sequence": nil]
        let head: JSONObject = [
            "id": .string("msg_sim\(exchange.answer.id)"), "type": "message", "role": "assistant",
            "model": .string(completion.model), "content": .array(content),
        ]
        return .object(
            head.merging(end) { $1 }.merging(["usage": usage(isWhole: isWhole)]) { $1 })
    }

    private var ending: JSONObject {
        var members: JSONObject = [
            "stop_reason": .string(stopReason),
            "stop_sequence": .init(completion.finishReason == .stop ? exchange.answer.stopSequence : nil),
        ]
        if completion.finishReason == .contentFilter {
            members["stop_details"] = ["type": "refusal", "category": nil, "explanation": nil]
        }
        return members
    }

    private var stopReason: String {
        switch completion.finishReason {
        case .stop: exchange.answer.stopSequence == nil ? "end_turn" : "stop_sequence"
        case .length: "max_tokens"
        case .toolCalls: "tool_use"
        case .contentFilter: "refusal"
        case .other(let word): word
        }
    }

    /// The input excludes whatever the cache read or wrote. At the start of a stream one token of output is counted.
    private func usage(isWhole: Bool) -> JSON {
        let usage = exchange.usage
        var members: JSONObject = [
            "input_tokens": .int(usage.inputUncached),
            "cache_creation_input_tokens": .int(usage.cacheWrite),
            "cache_read_input_tokens": .int(usage.cacheRead),
            "cache_creation": [
                "ephemeral_5m_input_tokens": .int(usage.cacheWrite5m),
                "ephemeral_1h_input_tokens": .int(usage.cacheWrite1h),
            ],
            "output_tokens": .int(isWhole ? usage.output : min(1, usage.output)), "service_tier": "standard",
        ]
        if isWhole, usage.reasoning > 0 {
            members["output_tokens_details"] = ["thinking_tokens": .int(usage.reasoning)]
        }
        return .object(members)
    }
}
