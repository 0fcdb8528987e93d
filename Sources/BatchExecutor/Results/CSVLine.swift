/// Writes the cells of one CSV line (RFC 4180), safe to open in a spreadsheet.
///
/// A spreadsheet takes a cell that starts with `=`, `+`, `-`, `@`, a tab or a line end for a formula, and what stands in
/// an answer was written by a model or by a stranger. Such a cell gets a `'` in front, which every spreadsheet shows as
/// text. Plain numbers, such as `-5`, `+3.2` or `-1e3`, stay as they are: a number cannot call anything, and a column of
/// figures with quotes in it could not be summed.
struct CSVLine {
    private var isFirst = true

    mutating func append(_ text: String, to bytes: inout [UInt8]) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        var text = text
        text.withUTF8 { Self.append($0, to: &bytes) }
    }

    func end(_ bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\r\n".utf8)
    }

    private static func append(_ cell: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        let isFormula = startsFormula(cell)
        let isQuoted =
            isFormula || cell.contains(where: needsQuotes) || cell.first == 0x20 || cell.last == 0x20
        guard isQuoted else {
            bytes.append(contentsOf: cell)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        if isFormula { bytes.append(UInt8(ascii: "'")) }
        for byte in cell {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
            UInt8(ascii: "\t"),
            UInt8(ascii: ";"):
            true
        default: false
        }
    }

    /// Whether a spreadsheet would take the cell for a formula. The full-width forms of the signs count in Japanese
    /// and Chinese settings.
    static func startsFormula(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = cell.first else { return false }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            return true
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            return !isPlainNumber(cell)
        case 0xEF:
            // U+FF1D =, U+FF0B +, U+FF0D -, U+FF20 @
            let start = Array(cell.prefix(3))
            return start == [0xEF, 0xBC, 0x9D] || start == [0xEF, 0xBC, 0x8B] || start == [0xEF, 0xBC, 0x8D]
                || start == [0xEF, 0xBC, 0xA0]
        default: return false
        }
    }

    /// A sign, digits, perhaps a point with digits, perhaps an exponent, and nothing else.
    private static func isPlainNumber(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 1
        func digits() -> Bool {
            let start = index
            while index < cell.count, (0x30...0x39).contains(cell[index]) { index += 1 }
            return index > start
        }
        guard digits() else { return false }
        if index < cell.count, cell[index] == UInt8(ascii: ".") {
            index += 1
            guard digits() else { return false }
        }
        if index < cell.count, cell[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < cell.count, cell[index] == UInt8(ascii: "+") || cell[index] == UInt8(ascii: "-") {
                index += 1
            }
            guard digits() else { return false }
        }
        return index == cell.count
    }
}
