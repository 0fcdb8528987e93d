extension JSONSchema {
    /// One way in which a value breaks its schema, in words that a model can act on.
    public struct Violation: Sendable, Hashable {
        /// The JSON Pointer of the place in the value; empty for the whole.
        public let pointer: String

        /// The keyword that is broken, such as `minimum`; `false` for a place where no value may stand, and empty when
        /// a limit of the check was reached.
        public let keyword: String

        /// Half a sentence that goes on from the place: `must be a number, is the string "12"`. It fits on one
        /// line, and what it cites of the value is cut short.
        public let sentence: String

        public init(pointer: String, keyword: String, sentence: String) {
            self.pointer = pointer
            self.keyword = keyword
            self.sentence = sentence
        }
    }
}

extension JSONSchema.Violation: CustomStringConvertible {
    /// The place and what is wrong there: `/items/2/price: must be a number, is the string "12"`.
    public var description: String {
        "\(pointer.isEmpty ? "the whole value" : SchemaWords.shortened(pointer: pointer)): \(sentence)"
    }
}
