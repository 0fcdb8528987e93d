public import ParleyCore

/// A place in a prompt up to which a request asks the provider to remember it.
public struct CacheMark: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// The end of the tool at that index.
        case tool(Int)
        case system
        /// Inside or at the end of the message at that index.
        case message(Int)
    }

    public var place: Place
    /// How much of the place's text comes before the mark; nil = all of it.
    public var bytes: Int?
    /// Asks for the longer lifetime.
    public var isLong: Bool

    public init(_ place: Place, bytes: Int? = nil, isLong: Bool = false) {
        self.place = place
        self.bytes = bytes
        self.isLong = isLong
    }
}

/// A request, and what it says of the provider's cache beside its text.
public struct SimulatedQuestion: Sendable, Hashable {
    public var request: CompletionRequest
    public var marks: [CacheMark]
    /// Asks for the longer lifetime as a whole.
    public var isLong: Bool
    /// Nothing but what is marked is kept, not even where the provider keeps the newest message by itself.
    public var keepsMarkedOnly: Bool
    /// Nil = by the model's name.
    public var flavour: CacheFlavour?

    public init(
        _ request: CompletionRequest, marks: [CacheMark] = [], isLong: Bool = false,
        keepsMarkedOnly: Bool = false, flavour: CacheFlavour? = nil
    ) {
        self.keepsMarkedOnly = keepsMarkedOnly
        self.request = request
        self.marks = marks
        self.isLong = isLong
        self.flavour = flavour
    }

    /// The request as a wire client would mark it for a provider that goes by marks: after the tools, after the system
    /// prompt, and after what its messages share with others; and with the key that it would send.
    public init(marking request: CompletionRequest) {
        self.init(request)
        keepsMarkedOnly = !request.cache.keepsEnd || request.cache.retention == .none
        guard request.cache.retention != .none else { return }
        let isLong = request.cache.retention == .hour
        let split = request.splitMessage
        if !request.tools.isEmpty { marks.append(CacheMark(.tool(request.tools.count - 1), isLong: isLong)) }
        if request.system?.isEmpty == false { marks.append(CacheMark(.system, isLong: isLong)) }
        if (1...request.messages.count).contains(request.sharedMessages) {
            marks.append(CacheMark(.message(request.sharedMessages - 1), isLong: isLong))
        }
        if let split {
            let bytes = split.head.utf8.count
            marks.append(CacheMark(.message(split.index), bytes: bytes, isLong: isLong))
        }
        if request.cacheKey == nil, CacheFlavour(model: request.model.model) == .openAI {
            self.request.cacheKey = Self.key(of: request, split)
        }
    }

    /// One name for each shared beginning and each of its shards.
    private static func key(of request: CompletionRequest, _ split: CompletionRequest.SplitMessage?) -> String
    {
        var hash = StableHash()
        hash.add(request.system ?? "")
        for message in request.messages.prefix(max(0, request.sharedMessages)) { hash.add(message.content) }
        hash.add(split?.head ?? "")
        return "\(hash.value)-\(request.cache.shard)"
    }
}
