/// Where and why a text is not JSON.
public struct JSONSyntaxError: Error, Sendable, Equatable {
    public let reason: String
    /// Bytes from the start of the text.
    public let offset: Int

    public init(reason: String, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The line and column, both counted from 1; columns count bytes.
    public func location(in bytes: some Collection<UInt8>) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return (line, column)
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    public var description: String { "\(reason) (byte \(offset + 1))" }
}
