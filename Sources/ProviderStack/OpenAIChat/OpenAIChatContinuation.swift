import OrderedCollections
import ParleyCore

/// What a provider of the dialect wants back with a turn as it came, beside text and calls.
///
/// `reasoning_details` (OpenRouter for models that sign their thoughts, MiniMax) and `extra_content`, where Gemini keeps the
/// signature of a call: without it the next request is refused. Only the provider that gave it gets it back.
struct OpenAIChatContinuation: Sendable, Hashable {
    private var details: [JSON] = []
    private var extra: JSON?
    private var extraOfCall: JSONObject = [:]

    init() {}

    /// What was kept with a turn; nil where it is of another dialect or another provider.
    init?(_ continuation: JSON?, provider: ProviderName) {
        guard let continuation, continuation["dialect"]?.stringValue == Dialect.openAIChat.rawValue,
            continuation["provider"]?.stringValue == provider.text
        else { return nil }
        details = continuation["reasoning_details"]?.arrayValue ?? []
        extra = continuation["extra_content"]
        extraOfCall = continuation["calls"]?.objectValue ?? [:]
    }

    /// Takes in a whole message or one chunk's part of it.
    mutating func add(_ message: JSON) {
        for detail in message["reasoning_details"]?.arrayValue ?? [] { add(detail: detail) }
        if let extra = message["extra_content"], !extra.isNull { self.extra = extra }
        for call in message["tool_calls"]?.arrayValue ?? [] {
            guard let id = call["id"]?.stringValue, let extra = call["extra_content"], !extra.isNull else {
                continue
            }
            extraOfCall[id] = extra
        }
    }

    /// Chunks bring a detail piece by piece, told apart by `index` and `type`.
    private mutating func add(detail: JSON) {
        guard case .object(let new) = detail else { return }
        guard let index = new["index"], case .object(var members)? = details.last, members["index"] == index,
            members["type"] == new["type"]
        else { return details.append(detail) }
        for (name, value) in new where !value.isNull {
            if Self.pieces.contains(name), let head = members[name]?.stringValue, let tail = value.stringValue
            {
                members[name] = .string(head + tail)
            } else {
                members[name] = value
            }
        }
        details[details.count - 1] = .object(members)
    }

    private static let pieces: Set<String> = ["data", "summary", "text"]

    /// As ``Completion/continuation`` holds it; nil where there is nothing to bring back.
    func json(provider: ProviderName) -> JSON? {
        var members: JSONObject = [:]
        if !details.isEmpty { members["reasoning_details"] = .array(details) }
        if let extra { members["extra_content"] = extra }
        if !extraOfCall.isEmpty { members["calls"] = .object(extraOfCall) }
        if members.isEmpty { return nil }
        members["dialect"] = .string(Dialect.openAIChat.rawValue)
        members["provider"] = .string(provider.text)
        return .object(members)
    }

    /// Puts it back where it stood in the assistant's turn.
    func restore(in message: inout JSONObject) {
        if !details.isEmpty { message["reasoning_details"] = .array(details) }
        if let extra { message["extra_content"] = extra }
        guard !extraOfCall.isEmpty, case .array(let calls)? = message["tool_calls"] else { return }
        message["tool_calls"] = .array(
            calls.map { call in
                guard case .object(var members) = call, let id = members["id"]?.stringValue,
                    let extra = extraOfCall[id]
                else { return call }
                members["extra_content"] = extra
                return .object(members)
            })
    }
}
