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
    /// Nil = by the model's name.
    public var flavour: CacheFlavour?

    public init(
        _ request: CompletionRequest, marks: [CacheMark] = [], isLong: Bool = false,
        flavour: CacheFlavour? = nil
    ) {
        self.request = request
        self.marks = marks
        self.isLong = isLong
        self.flavour = flavour
    }

    /// The request as a wire client would mark it for a provider that goes by marks: after the tools, after the system
    /// prompt, and after the messages that it shares with others.
    public init(marking request: CompletionRequest) {
        self.init(request)
        if !request.tools.isEmpty { marks.append(CacheMark(.tool(request.tools.count - 1))) }
        if request.system?.isEmpty == false { marks.append(CacheMark(.system)) }
        if (1...request.messages.count).contains(request.sharedMessages) {
            marks.append(CacheMark(.message(request.sharedMessages - 1)))
        }
    }
}
