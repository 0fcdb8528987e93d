import OrderedCollections
public import ParleyCore

/// Which parts of a request are marked `cache_control` for the provider's cache: the end of each stable part.
///
/// A mark says "keep all up to here", in the order tools, system prompt, messages. The tools and the system
/// prompt count as shared always, the messages as far as ``CompletionRequest/sharedMessages`` says. That
/// makes three marks at the most; Anthropic allows four. A prefix under the provider's minimum is passed over
/// there, so no length is weighed here.
public struct CacheMarks: Sendable, Hashable {
    /// What a mark looks like: kept for five minutes, which each use renews.
    public static let control: JSON = ["type": "ephemeral"]

    /// The last tool is marked.
    public var tools = false
    /// The end of the system prompt is marked.
    public var system = false
    /// The index in ``CompletionRequest/messages`` of the one whose end is marked.
    public var messageIndex: Int?

    /// No mark at all.
    public static let none = CacheMarks()

    public var isEmpty: Bool { self == .none }

    private init() {}

    /// The marks of a request: none unless the provider takes them (the hint `marks`) or the model is a
    /// Claude.
    ///
    /// `canMark` says which messages have a place for a mark in the dialect; the last shared one that has
    /// gets it. By default these are the messages with text, because an empty text must not be marked. A
    /// request whose own options write the marked parts, or cache control itself, is left as its writer wants
    /// it.
    public init(
        for request: CompletionRequest, hint: ProviderEntry.CacheHint,
        canMark: (Message) -> Bool = { !$0.content.isEmpty }
    ) {
        guard hint == .marks || Self.isClaude(request.model.model),
            Self.ownWords.allSatisfy({ request.options[$0] == nil })
        else { return }
        tools = !request.tools.isEmpty
        system = RequestBody.system(of: request) != nil
        messageIndex = request.messages.prefix(max(0, request.sharedMessages)).lastIndex(where: canMark)
    }

    /// The options with which a request says itself what is cached.
    private static let ownWords = ["cache_control", "messages", "system", "tools"]

    /// Whether the model is Anthropic's, at whichever provider: `claude-…`, `anthropic/…` at OpenRouter, or
    /// `anthropic.claude-…` at Bedrock.
    static func isClaude(_ model: String) -> Bool {
        // This is asked for each request, and nearly no name has to be taken apart.
        guard mentions("claude-", in: model) || mentions("anthropic", in: model) else { return false }
        let parts = model.lowercased().split(separator: "/")
        return parts.dropLast().contains("anthropic")
            || parts.last.map { $0.hasPrefix("claude-") || $0.contains("anthropic.claude-") } ?? false
    }

    /// Whether the word, in small letters, stands somewhere in the name, in whatever letters.
    private static func mentions(_ word: StaticString, in name: String) -> Bool {
        let length = word.utf8CodeUnitCount
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.count >= length else { return false }
            return (0...bytes.count - length).contains { start in
                (0..<length).allSatisfy { index in
                    let byte = bytes[start + index]
                    let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
                    return (isCapital ? byte | 0x20 : byte) == word.utf8Start[index]
                }
            }
        }
    }
}

extension JSON {
    /// The block with a mark for the provider's cache; anything but an object stays as it is.
    func marked(_ isMarked: Bool = true) -> JSON {
        guard isMarked, case .object(var members) = self else { return self }
        members["cache_control"] = CacheMarks.control
        return .object(members)
    }
}
