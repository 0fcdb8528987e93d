import ParleyCore

/// Finds the cells of one record of a table, RFC 4180, in bytes that lie ready.
///
/// Beyond the RFC: a record ends with CRLF, LF or a CR alone, and a quote inside a cell that does not start with one is
/// an ordinary character (`6" pipe`). Nothing is copied or decoded here; a ``Cell`` says where its text lies and what
/// has to be done to it.
struct CSVScanner {
    struct Cell {
        var start: Int
        var end: Int
        var traits: Traits

        var count: Int { end - start }
    }

    /// What stands in a cell, as far as it matters to whoever copies it.
    struct Traits: OptionSet {
        let rawValue: UInt8

        /// It stood in quotes, which are not part of it.
        static let quoted = Traits(rawValue: 1)
        /// A quote of the text is written twice.
        static let doubled = Traits(rawValue: 2)
        /// Some byte needs an escape in JSON.
        static let escaped = Traits(rawValue: 4)
        /// Some byte is 0x80 or more: it has to be checked to be UTF-8.
        static let high = Traits(rawValue: 8)
        static let nul = Traits(rawValue: 16)
    }

    enum Outcome: Equatable {
        /// The record ends before this index, after so many line ends.
        case record(next: Int, lines: Int)
        /// The bytes end within the record, and more are to come.
        case incomplete
        /// The file ends inside the quotes that were opened at this index, so many line ends after the start.
        case unbalanced(at: Int, line: Int)
        /// Behind the closing quote of this cell stands text. The rest of the line has been passed over.
        case textAfterQuote(cell: Int, next: Int, lines: Int)
    }

    private enum Ending { case separator, lineEnd, incomplete, unbalanced, text }

    /// Cells beyond this number are counted, not kept.
    let cellsMax: Int
    private let separator: UInt8
    /// The cells of the last record.
    private(set) var cells: [Cell] = []
    /// How many cells the last record had.
    private(set) var cellsCount = 0

    init(separator: UInt8, cellsMax: Int) {
        self.separator = separator
        self.cellsMax = cellsMax
        cells.reserveCapacity(64)
    }

    /// Whether the last record was a blank line.
    var isBlank: Bool { cellsCount == 1 && cells[0].count == 0 && !cells[0].traits.contains(.quoted) }

    mutating func scan(
        _ base: UnsafePointer<UInt8>, from start: Int, to end: Int, isAtEnd: Bool
    ) -> Outcome {
        cells.removeAll(keepingCapacity: true)
        cellsCount = 0
        var index = start
        var lines = 0
        while true {
            var cell = Cell(start: index, end: index, traits: [])
            let opening = index
            let openingLine = lines
            let ending: Ending
            if index < end, base[index] == UInt8(ascii: "\"") {
                ending = quoted(base, &index, to: end, isAtEnd: isAtEnd, &cell, &lines)
            } else {
                ending = plain(base, &index, to: end, isAtEnd: isAtEnd, &cell)
            }
            cellsCount += 1
            if cellsCount <= cellsMax { cells.append(cell) }
            switch ending {
            case .separator: index += 1
            case .lineEnd:
                guard let next = Self.afterLineEnd(base, index, end, isAtEnd) else { return .incomplete }
                return .record(next: next, lines: lines + (next > index ? 1 : 0))
            case .incomplete: return .incomplete
            case .unbalanced: return .unbalanced(at: opening, line: openingLine)
            case .text:
                while index < end, !Self.isLineEnd(base[index]) { index += 1 }
                guard index < end || isAtEnd, let next = Self.afterLineEnd(base, index, end, isAtEnd) else {
                    return .incomplete
                }
                return .textAfterQuote(
                    cell: cellsCount - 1, next: next, lines: lines + (next > index ? 1 : 0))
            }
        }
    }

    @inline(__always)
    private func plain(
        _ base: UnsafePointer<UInt8>, _ index: inout Int, to end: Int, isAtEnd: Bool, _ cell: inout Cell
    ) -> Ending {
        let separators = ByteWords.repeated(separator)
        let quotes = ByteWords.repeated(UInt8(ascii: "\""))
        let backslashes = ByteWords.repeated(UInt8(ascii: "\\"))
        var highBits = ByteWords.highBits
        while true {
            while index + 8 <= end {
                let word = ByteWords.load(base + index)
                let found =
                    ByteWords.equal(word, separators) | ByteWords.equal(word, quotes)
                    | ByteWords.equal(word, backslashes) | ByteWords.controls(word) | (word & highBits)
                if found != 0 {
                    index += ByteWords.first(found)
                    break
                }
                index += 8
            }
            guard index < end else {
                cell.end = index
                return isAtEnd ? .lineEnd : .incomplete
            }
            let byte = base[index]
            if byte == separator {
                cell.end = index
                return .separator
            }
            if Self.isLineEnd(byte) {
                cell.end = index
                return .lineEnd
            }
            cell.traits.formUnion(Self.traits(of: byte))
            if byte >= 0x80 { highBits = 0 }
            index += 1
        }
    }

    @inline(__always)
    private func quoted(
        _ base: UnsafePointer<UInt8>, _ index: inout Int, to end: Int, isAtEnd: Bool, _ cell: inout Cell,
        _ lines: inout Int
    ) -> Ending {
        let quotes = ByteWords.repeated(UInt8(ascii: "\""))
        let backslashes = ByteWords.repeated(UInt8(ascii: "\\"))
        var highBits = ByteWords.highBits
        index += 1
        cell.start = index
        cell.traits = .quoted
        while true {
            while index + 8 <= end {
                let word = ByteWords.load(base + index)
                let found =
                    ByteWords.equal(word, quotes) | ByteWords.equal(word, backslashes)
                    | ByteWords.controls(word) | (word & highBits)
                if found != 0 {
                    index += ByteWords.first(found)
                    break
                }
                index += 8
            }
            guard index < end else { return isAtEnd ? .unbalanced : .incomplete }
            let byte = base[index]
            index += 1
            guard byte != UInt8(ascii: "\"") else {
                if index == end, !isAtEnd { return .incomplete }
                if index < end, base[index] == UInt8(ascii: "\"") {
                    cell.traits.insert(.doubled)
                    index += 1
                    continue
                }
                cell.end = index - 1
                if index == end || Self.isLineEnd(base[index]) { return .lineEnd }
                return base[index] == separator ? .separator : .text
            }
            cell.traits.formUnion(Self.traits(of: byte))
            if byte >= 0x80 { highBits = 0 }
            if byte == 0x0A || byte == 0x0D && !(index < end && base[index] == 0x0A) { lines += 1 }
        }
    }

    @inline(__always)
    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    @inline(__always)
    private static func traits(of byte: UInt8) -> Traits {
        switch byte {
        case 0: [.nul, .escaped]
        case 1..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): .escaped
        case 0x80...: .high
        default: []
        }
    }

    /// The index behind the line end that stands here; nil when it takes one more byte to know.
    @inline(__always)
    private static func afterLineEnd(
        _ base: UnsafePointer<UInt8>, _ index: Int, _ end: Int, _ isAtEnd: Bool
    ) -> Int? {
        guard index < end else { return index }
        guard base[index] == 0x0D else { return index + 1 }
        guard index + 1 < end else { return isAtEnd ? index + 1 : nil }
        return base[index + 1] == 0x0A ? index + 2 : index + 1
    }
}
