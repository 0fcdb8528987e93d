/// How a request uses the provider's prompt cache, beside what ``CompletionRequest/sharedMessages`` says.
public struct PromptCacheWish: Sendable, Hashable {
    /// How long the provider is asked to keep the shared beginning, where that can be said.
    public enum Retention: String, Sendable, Hashable, CaseIterable {
        /// The provider's own lifetime.
        case standard
        /// An hour, which costs more to write (Anthropic).
        case hour
        /// Not at all: nothing will ask for it again, and writing may cost more than plain input.
        case none
    }

    public var retention: Retention
    /// How many bytes of UTF-8, at the beginning of the message behind the shared ones, are shared as well. They end
    /// between two characters of Unicode, though perhaps between a letter and its accent.
    public var sharedBytes: Int
    /// Requests with one beginning and different shards go to different machines, each with a cache of its own: for a
    /// provider that sends only so many requests a minute to one (OpenAI before GPT-5.6).
    public var shard: Int
    /// Whether another request may begin with all of this one, as a conversation that goes on does. A job of a batch has
    /// nothing behind its shared beginning that anybody would ask for again.
    public var keepsEnd: Bool

    public init(
        retention: Retention = .standard, sharedBytes: Int = 0, shard: Int = 0, keepsEnd: Bool = true
    ) {
        self.retention = retention
        self.sharedBytes = sharedBytes
        self.shard = shard
        self.keepsEnd = keepsEnd
    }
}

extension CompletionRequest {
    /// A message that is shared in part.
    public struct SplitMessage: Sendable, Hashable {
        /// Of the message in ``CompletionRequest/messages``.
        public var index: Int
        /// What other requests say as well.
        public var head: String
        /// What only this one says.
        public var tail: String
    }

    /// The message that is shared in part, split where its shared beginning ends; nil when none is, or when one of the
    /// parts would be blank, which providers refuse.
    public var splitMessage: SplitMessage? {
        let index = max(0, sharedMessages)
        guard cache.sharedBytes > 0, messages.indices.contains(index) else { return nil }
        let text = messages[index].content
        guard cache.sharedBytes < text.utf8.count,
            let end = String.Index(
                text.utf8.index(text.startIndex, offsetBy: cache.sharedBytes), within: text.unicodeScalars)
        else { return nil }
        let (head, tail) = (text[..<end], text[end...])
        guard !head.allSatisfy(\.isWhitespace), !tail.allSatisfy(\.isWhitespace) else { return nil }
        return SplitMessage(index: index, head: String(head), tail: String(tail))
    }
}
