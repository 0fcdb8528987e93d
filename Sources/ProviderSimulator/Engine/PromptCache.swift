/// Remembers the beginnings of prompts, as OpenAI's cache does: from 1,024 tokens on, in steps of 128.
struct PromptCache: Sendable {
    static let tokensMin = 1024
    static let tokensStep = 128
    /// The most beginnings that are remembered; the oldest go first.
    static let prefixesMax = 65_536

    private var known: Set<UInt64> = []
    private var order: [UInt64] = []
    private var oldest = 0

    /// How many tokens of the prompt were remembered; from now on, all of its beginnings are.
    mutating func read(_ prompt: PromptText, model: String) -> Int {
        let bytes = prompt.bytes
        guard bytes.count >= Self.tokensMin * PromptText.bytesPerToken else { return 0 }
        var hash = StableHash()
        hash.add(model)
        var cached = 0
        var position = 0
        var length = Self.tokensMin
        while length * PromptText.bytesPerToken <= bytes.count {
            let end = length * PromptText.bytesPerToken
            for byte in bytes[position..<end] { hash.add(byte) }
            position = end
            if known.contains(hash.value) { cached = length } else { remember(hash.value) }
            length += Self.tokensStep
        }
        return cached
    }

    private mutating func remember(_ prefix: UInt64) {
        known.insert(prefix)
        if order.count < Self.prefixesMax {
            order.append(prefix)
        } else {
            known.remove(order[oldest])
            order[oldest] = prefix
            oldest = (oldest + 1) % Self.prefixesMax
        }
    }
}
