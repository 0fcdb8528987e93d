import ParleyCore

/// The cells of one record, where they lie in the window.
struct CSVRow {
    let base: UnsafePointer<UInt8>
    let cells: [CSVScanner.Cell]

    /// The bytes of a cell as they stand in the file, without the quotes around them.
    func bytes(of column: Int) -> UnsafeBufferPointer<UInt8> {
        let cell = cells[column]
        return UnsafeBufferPointer(start: base + cell.start, count: cell.count)
    }

    /// Nothing but white space; the same question as `isBlank` of the text.
    func isBlank(_ column: Int) -> Bool {
        let bytes = bytes(of: column)
        for byte in bytes {
            switch byte {
            case 0x20, 0x09...0x0D: continue
            case 0x80...: return String(decoding: bytes, as: UTF8.self).isBlank
            default: return false
            }
        }
        return true
    }
}

extension CSVScanner.Cell {
    /// Appends the text as the inside of a JSON string, without its quotes.
    func appendJSON(_ base: UnsafePointer<UInt8>, to arena: inout ByteArena) {
        guard traits.contains(.escaped) || traits.contains(.doubled) else {
            arena.append(base + start, count: count)
            return
        }
        var run = start
        var index = start
        while index < end {
            let byte = base[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            arena.append(base + run, count: index - run)
            Self.appendEscape(of: byte, to: &arena)
            index += byte == UInt8(ascii: "\"") && traits.contains(.doubled) ? 2 : 1
            run = index
        }
        arena.append(base + run, count: end - run)
    }

    /// Appends the text itself.
    func appendText(_ base: UnsafePointer<UInt8>, to arena: inout ByteArena) {
        guard traits.contains(.doubled) else {
            arena.append(base + start, count: count)
            return
        }
        var run = start
        var index = start
        while index < end {
            if base[index] == UInt8(ascii: "\"") {
                arena.append(base + run, count: index + 1 - run)
                index += 2
                run = index
            } else {
                index += 1
            }
        }
        arena.append(base + run, count: end - run)
    }

    private static func appendEscape(of byte: UInt8, to arena: inout ByteArena) {
        arena.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: arena.append(UInt8(ascii: "b"))
        case 0x09: arena.append(UInt8(ascii: "t"))
        case 0x0A: arena.append(UInt8(ascii: "n"))
        case 0x0C: arena.append(UInt8(ascii: "f"))
        case 0x0D: arena.append(UInt8(ascii: "r"))
        case 0..<0x20:
            arena.append(Array("u00".utf8))
            arena.append(hexDigit(byte >> 4))
            arena.append(hexDigit(byte & 0xF))
        default: arena.append(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
