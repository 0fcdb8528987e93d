import ConversationStore
import OrderedCollections
import ParleyCore

extension ModelName {
    static let fixture = ModelName("simulator/sim-small")!
}

extension BatchSettings {
    static func fixture(system: String? = "Be brief.", schema: JSON? = nil) -> BatchSettings {
        BatchSettings(model: .fixture, system: system, schema: schema)
    }
}

extension DraftChunk {
    /// One row for each key, its prompt `What is <key>?`; a `text` replaces the prompt.
    static func fixture(
        _ keys: [String], text: String? = nil, system: String? = nil, firstLine: Int = 2
    ) -> DraftChunk {
        var chunk = DraftChunk()
        for (index, key) in keys.enumerated() {
            let keyRange = chunk.append(key)
            let systemRange = system.map { chunk.append($0) }
            var columns: JSONObject = ["id": .string(key), "prompt": .string(text ?? "What is \(key)?")]
            if system != nil { columns["system"] = .null }
            let input = chunk.append(JSON.object(columns).text())
            chunk.rows.append(
                Row(key: keyRange, input: input, system: systemRange, line: firstLine + index))
        }
        return chunk
    }

    private mutating func append(_ text: String) -> Range<Int> {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        return start..<bytes.count
    }
}

extension AttemptOpening {
    static func fixture(
        _ job: LeasedJob, messages: [Message] = [.user("What is it?")], sentAt: Timestamp,
        model: ModelName = .fixture, worstCase: Picodollars? = nil
    ) -> AttemptOpening {
        AttemptOpening(
            lease: job.lease, batch: job.batch, role: "default", model: model, requestHash: [1, 2, 3],
            idempotencyKey: "key-\(job.lease.job)-\(job.round)", session: job.session, system: "Be brief.",
            messages: messages, title: job.key, sentAt: sentAt, worstCase: worstCase)
    }
}

extension Completion {
    static func fixture(
        _ text: String = "Forty-two.", usage: Usage? = Usage(inputUncached: 100, output: 10),
        toolCalls: [ToolCall] = []
    ) -> Completion {
        Completion(text: text, toolCalls: toolCalls, model: "sim-small", usage: usage, requestID: "req-1")
    }
}

extension Settlement.Outcome {
    static func answer(
        _ completion: Completion = .fixture(), cost: Picodollars? = Picodollars(21_000_000)
    ) -> Settlement.Outcome {
        .answered(completion, cost: cost, price: nil)
    }

    static func failure(
        _ next: Settlement.NextStep = .fail, kind: Failure.Kind = .overloaded, partialText: String? = nil,
        mayCost: Picodollars? = nil
    ) -> Settlement.Outcome {
        .failed(
            Failure(
                kind: kind, provider: "simulator", status: 503, message: "busy", partialText: partialText),
            record: FailedRequest(
                body: "{}", estimatedTokens: 25, estimateMethod: "characters/4", messagesCount: 1,
                mayCost: mayCost),
            next: next)
    }
}
