import ParleyCore

/// The token of a ChatGPT subscription, which is what Codex is asked with: a JSON web token (RFC 7519).
///
/// Its signature is the provider's business; only what it says of itself is read.
enum ChatGPTToken {
    /// The account that the token speaks for; nil for a key that is no such token.
    static func account(of token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = bytes(ofBase64URL: parts[1]),
            let account = (try? JSON(parsing: claims))?["https://api.openai.com/auth"]?["chatgpt_account_id"]?
                .stringValue
        else { return nil }
        // It becomes a header.
        let isSendable = !account.isEmpty && account.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isSendable ? account : nil
    }

    /// Decodes base64 in the alphabet for URLs, with or without padding (RFC 4648); nil for anything else.
    static func bytes(ofBase64URL text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 where character != UInt8(ascii: "=") {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"), UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "_"), UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
