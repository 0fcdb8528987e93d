internal import OrderedCollections

/// Writes JSON values as UTF-8 bytes, without white space.
///
/// With ``sortsKeys`` the members of every object are written in the order of their names' bytes. Whatever goes to a
/// provider is written so: an unstable order of keys breaks prompt caches.
public struct JSONWriter: Sendable {
    public private(set) var bytes: [UInt8] = []
    public let sortsKeys: Bool

    public init(sortsKeys: Bool = false, capacity: Int = 256) {
        self.sortsKeys = sortsKeys
        bytes.reserveCapacity(capacity)
    }

    public mutating func write(_ value: JSON) {
        switch value {
        case .null: raw("null")
        case .bool(let flag): raw(flag ? "true" : "false")
        case .number(let literal): bytes.append(contentsOf: literal.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            if sortsKeys, !Self.areSorted(members.keys) {
                write(members.elements.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
            } else {
                write(members.elements)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Whether the names stand in their order already, as they mostly do: then no array has to be made and sorted.
    private static func areSorted(_ names: OrderedSet<String>) -> Bool {
        for (first, second) in zip(names, names.dropFirst())
        where !first.utf8.lexicographicallyPrecedes(second.utf8) {
            return false
        }
        return true
    }

    private mutating func write(_ members: some Sequence<(key: String, value: JSON)>) {
        var isFirst = true
        for (name, value) in members {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            write(name)
            bytes.append(UInt8(ascii: ":"))
            write(value)
        }
    }

    /// Writes a quoted string; only what JSON demands is escaped.
    public mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { Self.appendQuoted($0, to: &bytes) }
    }

    /// Appends bytes that are known to be JSON already.
    public mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends UTF-8 text as a quoted JSON string.
    public static func appendQuoted(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            let end = text.stringRun(from: start).end
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { break }
            appendEscape(of: text[end], to: &bytes)
            start = end + 1
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 0xF)])
        default: bytes.append(byte)
        }
    }
}

extension JSON {
    /// The value as UTF-8 text.
    public func bytes(sortsKeys: Bool = false) -> [UInt8] {
        var writer = JSONWriter(sortsKeys: sortsKeys)
        writer.write(self)
        return writer.bytes
    }

    /// The value as text.
    public func text(sortsKeys: Bool = false) -> String {
        String(decoding: bytes(sortsKeys: sortsKeys), as: UTF8.self)
    }
}

extension JSON: CustomStringConvertible {
    public var description: String { text() }
}
