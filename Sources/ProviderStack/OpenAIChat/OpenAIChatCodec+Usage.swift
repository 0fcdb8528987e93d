public import ParleyCore

extension OpenAIChatCodec {
    /// Sorts a provider's counts into buckets that do not overlap; nil where there are none.
    ///
    /// `prompt_tokens` includes what came from a cache and what was written to one. DeepSeek tells hits and misses in
    /// fields of its own, Moonshot puts `cached_tokens` on the top level. xAI counts the reasoning beside
    /// `completion_tokens` instead of inside: then `total_tokens` is larger than the sum by just that much.
    public func usage(from counts: JSON?) -> Usage? {
        guard let counts, case .object = counts else { return nil }
        func count(_ value: JSON?) -> Int { CodecContext.count(value) }
        let inputDetails = counts["prompt_tokens_details"]
        let hits = counts["prompt_cache_hit_tokens"].map { count($0) }
        let prompt = max(
            count(counts["prompt_tokens"]), (hits ?? 0) + count(counts["prompt_cache_miss_tokens"]))
        let cached = inputDetails?["cached_tokens"] ?? counts["cached_tokens"]
        let read = min(hits ?? count(cached), prompt)
        let written = min(count(inputDetails?["cache_write_tokens"]), prompt - read)

        var output = count(counts["completion_tokens"])
        var reasoning = count(counts["completion_tokens_details"]?["reasoning_tokens"])
        let beside = count(counts["total_tokens"]) - count(counts["prompt_tokens"]) - output
        if reasoning > 0, beside == reasoning {
            output += reasoning
        } else if context.quirks.countsReasoningInTotalOnly, beside > 0 {
            output += beside
            reasoning = max(reasoning, beside)
        }
        return Usage(
            inputUncached: prompt - read - written, cacheRead: read, cacheWrite5m: written, output: output,
            reasoning: min(reasoning, output), reportedCost: reportedCost(in: counts))
    }

    private func reportedCost(in counts: JSON) -> Picodollars? {
        guard context.quirks.trustsReportedCost else { return nil }
        switch counts["cost"] {
        case .number(let literal), .string(let literal): return Picodollars(dollars: literal)
        default: return nil
        }
    }
}
