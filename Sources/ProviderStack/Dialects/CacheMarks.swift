import OrderedCollections
public import ParleyCore

/// Which parts of a request are marked for the provider's cache: the end of each stable part.
///
/// A mark says "keep all up to here", in the order tools, system prompt, messages. The tools and the system
/// prompt count as shared always, the messages as far as ``CompletionRequest/sharedMessages`` and
/// ``PromptCacheWish/sharedBytes`` say. That makes four marks at the most, which is what Anthropic allows. A prefix under
/// the provider's minimum is passed over there, so no length is weighed here.
public struct CacheMarks: Sendable, Hashable {
    /// What a mark looks like.
    public enum Form: Sendable, Hashable {
        /// Anthropic's, which MiniMax and Z.ai pass on: kept for five minutes, which each use renews, or for an hour.
        case cacheControl(isLong: Bool)
        /// OpenAI's from GPT-5.6 on; only texts can have one.
        case breakpoint

        var member: (name: String, value: JSON) {
            switch self {
            case .cacheControl(isLong: false): ("cache_control", ["type": "ephemeral"])
            case .cacheControl(isLong: true): ("cache_control", ["ttl": "1h", "type": "ephemeral"])
            case .breakpoint: ("prompt_cache_breakpoint", ["mode": "explicit"])
            }
        }
    }

    public let form: Form
    /// The last tool is marked.
    public private(set) var tools = false
    /// The end of the system prompt is marked.
    public private(set) var system = false
    /// The index in ``CompletionRequest/messages`` of the one whose end is marked.
    public private(set) var messageIndex: Int?
    /// The message with a mark inside, and how its text is split there.
    let split: CompletionRequest.SplitMessage?

    /// No mark at all.
    public static let none = CacheMarks(form: .cacheControl(isLong: false))

    public var isEmpty: Bool { self == .none }

    private init(form: Form, split: CompletionRequest.SplitMessage? = nil) {
        self.form = form
        self.split = split
    }

    /// The marks of a request: none unless the provider takes them, which the hint, or the model's family, says.
    ///
    /// `canMark` says which messages have a place for a mark in the dialect; the last shared one that has
    /// gets it. By default these are the messages with text, because an empty text must not be marked. A
    /// request whose own options write the marked parts, or cache control itself, is left as its writer wants
    /// it.
    public init(
        for request: CompletionRequest, hint: ProviderEntry.CacheHint,
        canMark: (Message) -> Bool = { !$0.content.isEmpty }
    ) {
        guard let form = Self.form(for: request, hint: hint), request.cache.retention != .none,
            Self.ownWords.allSatisfy({ request.options[$0] == nil })
        else {
            self = .none
            return
        }
        let split = request.splitMessage
        self.init(form: form, split: split.flatMap { canMark(request.messages[$0.index]) ? $0 : nil })
        tools = !request.tools.isEmpty && form != .breakpoint
        system = RequestBody.system(of: request) != nil
        messageIndex = request.messages.prefix(max(0, request.sharedMessages)).lastIndex(where: canMark)
    }

    private static func form(for request: CompletionRequest, hint: ProviderEntry.CacheHint) -> Form? {
        let isLong = request.cache.retention == .hour
        if hint == .marks { return .cacheControl(isLong: isLong) }
        switch ModelFamily(model: request.model.model) {
        case .claude: return .cacheControl(isLong: isLong)
        case let family where hint == .key && family.hasBreakpoints: return .breakpoint
        default: return nil
        }
    }

    /// The options with which a request says itself what is cached.
    private static let ownWords = [
        "cache_control", "input", "instructions", "messages", "prompt_cache_options", "system", "tools",
    ]

    /// The block with a mark for the provider's cache; anything but an object stays as it is.
    func marked(_ block: JSON, _ isMarked: Bool = true) -> JSON {
        guard isMarked, case .object(var members) = block else { return block }
        let (name, value) = form.member
        members[name] = value
        return .object(members)
    }
}

extension CompletionRequest {
    /// What tells OpenAI, from GPT-5.6 on, to write nothing but the marked beginnings: what a job of a batch says alone would
    /// be billed as a write that nobody reads. Nil where nothing is to be said.
    func cacheOptions(hint: ProviderEntry.CacheHint) -> (key: String, value: JSON)? {
        guard hint == .key, !cache.keepsEnd || cache.retention == .none,
            ModelFamily(model: model.model).hasBreakpoints, options["prompt_cache_options"] == nil
        else { return nil }
        return ("prompt_cache_options", ["mode": "explicit"])
    }
}
