import Crypto
import OrderedCollections
public import ParleyCore

/// A fingerprint of what is asked: two requests have the same one when a provider would see the same request.
///
/// The first 16 bytes of a SHA-256. The idempotency key and the retry settings are not part of it.
public enum RequestDigest {
    public static func of(_ request: CompletionRequest) -> [UInt8] {
        var hash = SHA256()
        hash.add(request.model.description)
        hash.add(request.system ?? "")
        for message in request.messages { hash.add(message) }
        for tool in request.tools {
            hash.add(tool.name)
            hash.add(tool.summary)
            hash.add(tool.parameters.text(sortsKeys: true))
            if tool.isStrict { hash.add("strict") }
        }
        // Putting the others into words takes longer than all the rest.
        hash.add(request.toolChoice == .automatic ? "automatic" : "\(request.toolChoice)")
        hash.add(request.maxTokens.map(String.init) ?? "")
        hash.add(request.temperature.map { "\($0)" } ?? "")
        for word in request.stop { hash.add(word) }
        if request.responseFormat != .text { hash.add(request.responseFormat) }
        if !request.options.isEmpty { hash.add(JSON.object(request.options).text(sortsKeys: true)) }
        return Array(hash.finalize().prefix(16))
    }

    /// The first 4 bytes as 8 hex digits, for an idempotency key.
    public static func short(_ digest: [UInt8]) -> String {
        digest.prefix(4).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

extension SHA256 {
    /// Adds a text and its end, so that "ab" + "c" is not "a" + "bc".
    fileprivate mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { update(bufferPointer: UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { update(bufferPointer: $0) }
    }

    fileprivate mutating func add(_ message: Message) {
        add(message.role.rawValue)
        add(message.content)
        add(message.toolCallID ?? "")
        if let reasoning = message.reasoning { add("reasoning \(reasoning)") }
        if message.isError { add("error") }
        if let continuation = message.continuation { add(continuation.text(sortsKeys: true)) }
        for call in message.toolCalls {
            add(call.id)
            add(call.name)
            add(call.arguments.rawText)
        }
    }

    fileprivate mutating func add(_ format: ResponseFormat) {
        switch format {
        case .text: add("text")
        case .jsonObject: add("json_object")
        case .jsonByPrompt: add("json_by_prompt")
        case .jsonSchema(let name, let schema, let strict):
            add("json_schema \(name) \(strict)")
            add(schema.text(sortsKeys: true))
        }
    }
}
