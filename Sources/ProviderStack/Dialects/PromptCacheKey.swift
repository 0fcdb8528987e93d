import ParleyCore

/// The name of the cache that requests with the same beginning share.
///
/// A provider sends requests of one name to the machine that already holds their beginning: OpenAI as
/// `prompt_cache_key`, xAI as a header. Two beginnings with one name would only share a machine, so a short hash will do;
/// it must not change from run to run.
enum PromptCacheKey {
    /// OpenAI refuses a longer one with `string_above_max_length`.
    static let charactersMax = 64

    /// Whether a request begins as others do: a key for one that shares nothing would send strangers to one machine.
    static func isOfUse(to request: CompletionRequest) -> Bool {
        !isUnwanted(by: request)
            && (request.sharedMessages > 0 || !request.tools.isEmpty || request.system?.isEmpty == false
                || request.cache.sharedBytes > 0 || request.cacheKey?.isEmpty == false)
    }

    /// Whether nothing of the request is to be kept; a key of its own goes all the same.
    static func isUnwanted(by request: CompletionRequest) -> Bool {
        request.cache.retention == .none && request.cacheKey?.isEmpty != false
    }

    /// The request's own ``CompletionRequest/cacheKey`` as far as it can be sent, else one made of what the request shares
    /// with others: model, tools, system prompt, the leading ``CompletionRequest/sharedMessages`` and the beginning of the
    /// next one; with the number of its shard behind it.
    static func of(_ request: CompletionRequest) -> String {
        if let own = request.cacheKey, !own.isEmpty {
            return isSendable(own) ? own : name(of: StableHash(over: [own]), shard: 0)
        }
        var hash = StableHash(over: [request.model.model])
        for tool in request.tools {
            hash.add(tool.name)
            hash.add(tool.summary)
            hash.add(tool.parameters.text(sortsKeys: true))
        }
        hash.add(RequestBody.system(of: request) ?? "")
        for message in request.messages.prefix(max(0, request.sharedMessages)) where !message.isGhost {
            hash.add(message.role.rawValue)
            hash.add(message.content)
            hash.add(message.toolCallID ?? "")
            for call in message.toolCalls {
                hash.add(call.id)
                hash.add(call.name)
                hash.add(call.arguments.rawText)
            }
        }
        if let split = request.splitMessage { hash.add(split.head) }
        return name(of: hash, shard: request.cache.shard)
    }

    /// A header carries it too, so a line break or a letter outside ASCII will not do.
    private static func isSendable(_ key: String) -> Bool {
        key.utf8.count <= charactersMax && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func name(of hash: StableHash, shard: Int) -> String {
        let digits = String(hash.value, radix: 16)
        return "parley-" + String(repeating: "0", count: 16 - digits.count) + digits
            + (shard > 0 ? "-\(shard)" : "")
    }
}

/// FNV-1a with 64 bits over texts, each with its length before it: the same in every process, for names and not for secrets.
///
/// Offset and prime are those of draft-eastlake-fnv.
private struct StableHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    init(over texts: [String]) {
        for text in texts { add(text) }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { length in
                for byte in length { add(byte) }
            }
            for byte in bytes { add(byte) }
        }
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
}
