/// Finds where an element of a JSON array ends, without reading what it says.
///
/// It counts brackets outside of strings and keeps its place, so that an element that comes in many blocks is looked at
/// once. Whether the element is JSON at all, the parser says afterwards.
struct JSONElementScanner {
    enum Outcome: Equatable {
        /// The element has so many bytes.
        case element(length: Int)
        case incomplete
        /// A line ends inside a string, which JSON forbids: what follows cannot be made sense of.
        case broken(at: Int)
    }

    private var position = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Goes on behind the bytes that it has seen; `bytes` must start with the element each time.
    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Outcome {
        while position < bytes.count {
            let byte = bytes[position]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return .element(length: position + 1) }
                } else if byte == UInt8(ascii: "\n") {
                    return .broken(at: position)
                }
                position += 1
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return .element(length: position) }
                depth -= 1
                if depth == 0 { return .element(length: position + 1) }
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return .element(length: position) }
            default: break
            }
            position += 1
        }
        return .incomplete
    }
}
