import OrderedCollections
public import ParleyCore

extension AnthropicCodec {
    /// Sorts a provider's counts into buckets that do not overlap; nil where there are none.
    ///
    /// `input_tokens` is what came after the last cached token, so reads and writes of the cache stand beside
    /// it. What was written counts as kept for five minutes where `cache_creation` does not say otherwise.
    public static func usage(from counts: JSON?) -> Usage? {
        guard let counts, counts["input_tokens"] != nil || counts["output_tokens"] != nil else { return nil }
        func count(_ value: JSON?) -> Int { CodecContext.count(value) }
        let details = counts["cache_creation"]
        let hour = count(details?["ephemeral_1h_input_tokens"])
        let fiveMinutes = count(details?["ephemeral_5m_input_tokens"])
        let written = max(count(counts["cache_creation_input_tokens"]), fiveMinutes + hour)
        let output = count(counts["output_tokens"])
        let reasoning = count(counts["output_tokens_details"]?["thinking_tokens"])
        return Usage(
            inputUncached: count(counts["input_tokens"]), cacheRead: count(counts["cache_read_input_tokens"]),
            cacheWrite5m: written - hour, cacheWrite1h: hour, output: output,
            reasoning: min(reasoning, output))
    }

    /// The counts of a stream after another event has told some.
    ///
    /// Each is a total so far, never an addition. Some servers tell the input only at the end, with zeros at
    /// the start, and some the other way round: an input of nothing at all never pushes real figures out.
    static func counts(_ known: JSONObject, updatedBy told: JSON?) -> JSONObject {
        guard case .object(let told)? = told else { return known }
        var counts = known
        let input = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
        let tellsInput = input.contains { CodecContext.count(told[$0]) > 0 }
        for (name, value) in told where !value.isNull {
            if input.contains(name), !tellsInput, counts[name] != nil { continue }
            counts[name] = value
        }
        return counts
    }
}
