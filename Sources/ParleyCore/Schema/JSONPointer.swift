internal import OrderedCollections

/// The text that names a place in a JSON value (RFC 6901): `/items/2/price`, or nothing for the whole value.
enum JSONPointer {
    /// The pointer to a member or an element of what the pointer names.
    static func appending(_ token: String, to pointer: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(pointer)/\(token)"
        }
        var escaped: [UInt8] = []
        for byte in token.utf8 {
            switch byte {
            case UInt8(ascii: "~"): escaped.append(contentsOf: "~0".utf8)
            case UInt8(ascii: "/"): escaped.append(contentsOf: "~1".utf8)
            default: escaped.append(byte)
            }
        }
        return "\(pointer)/\(String(decoding: escaped, as: UTF8.self))"
    }

    /// The names on the way, without their escapes; nil when the text is no pointer.
    static func tokens(of pointer: some StringProtocol) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        let pieces = pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard pieces.first?.isEmpty == true else { return nil }
        var tokens: [String] = []
        for piece in pieces.dropFirst() {
            guard let token = unescaped(Array(piece)) else { return nil }
            tokens.append(token)
        }
        return tokens
    }

    private static func unescaped(_ piece: [UInt8]) -> String? {
        var bytes: [UInt8] = []
        var index = 0
        while index < piece.count {
            if piece[index] == UInt8(ascii: "~") {
                index += 1
                guard index < piece.count else { return nil }
                switch piece[index] {
                case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
                default: return nil
                }
            } else {
                bytes.append(piece[index])
            }
            index += 1
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSON {
    /// The value below this one that the names lead to; an array's elements are named by their index.
    func value(at tokens: some Sequence<String>) -> JSON? {
        var value = self
        for token in tokens {
            switch value {
            case .object(let members):
                guard let member = members[token] else { return nil }
                value = member
            case .array(let elements):
                guard let index = Int(token), String(index) == token, elements.indices.contains(index) else {
                    return nil
                }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }
}
