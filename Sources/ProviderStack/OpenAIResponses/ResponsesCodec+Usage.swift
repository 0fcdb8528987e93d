public import ParleyCore

extension ResponsesCodec {
    /// Sorts a provider's counts into buckets that do not overlap; nil where there are none.
    ///
    /// `input_tokens` includes what came from a cache and what was written to one, `output_tokens` the reasoning. A server
    /// that counts the reasoning beside them betrays it by a `total_tokens` that is larger by just that much.
    public func usage(from counts: JSON?) -> Usage? {
        guard let counts, case .object = counts else { return nil }
        func count(_ value: JSON?) -> Int { CodecContext.count(value) }
        let input = count(counts["input_tokens"])
        let details = counts["input_tokens_details"]
        let read = min(count(details?["cached_tokens"]), input)
        let written = min(count(details?["cache_write_tokens"]), input - read)
        var output = count(counts["output_tokens"])
        let reasoning = count(counts["output_tokens_details"]?["reasoning_tokens"])
        if reasoning > 0, count(counts["total_tokens"]) - input - output == reasoning { output += reasoning }
        return Usage(
            inputUncached: input - read - written, cacheRead: read, cacheWrite5m: written, output: output,
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
