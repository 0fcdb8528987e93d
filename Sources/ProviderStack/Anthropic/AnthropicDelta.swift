import ParleyCore

/// What the common event of a stream tells: the next piece of a block's text, thinking or input.
///
/// Made without building a tree of the event. Whatever is not of this shape (another type of event or of piece, an error, a
/// member twice, broken JSON) is left to the parser.
struct AnthropicDelta {
    enum Kind { case text, thinking, input }

    var kind: Kind?
    var piece: String?
    /// Of the block.
    var index: Int?

    /// Reads the event's data; false if it is not of this shape, and then nothing that was read counts.
    mutating func skim(_ data: UnsafeBufferPointer<UInt8>) -> Bool {
        var skimmer = JSONSkimmer(data)
        var hasType = false
        var hasIndex = false
        var hasDelta = false
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "type":
                guard !hasType, case "content_block_delta"? = skimmer.word() else { return false }
                hasType = true
            case "index":
                if hasIndex { return false }
                hasIndex = true
                index = skimmer.integer()
            case "delta":
                if hasDelta { return false }
                hasDelta = true
                readDelta(&skimmer)
            case "error": if !skimmer.takesNull() { return false }
            default: skimmer.skip()
            }
        }
        return hasType && kind != nil && skimmer.isWhole()
    }

    /// The type stands first; a piece that comes before it, or is of another kind, is the parser's.
    private mutating func readDelta(_ skimmer: inout JSONSkimmer) {
        var text = SkimmedText()
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "type":
                if kind != nil { return skimmer.giveUp() }
                kind = Self.kind(skimmer.word())
                if kind == nil { return skimmer.giveUp() }
            case "text" where kind == .text: text.read(&skimmer)
            case "thinking" where kind == .thinking: text.read(&skimmer)
            case "partial_json" where kind == .input: text.read(&skimmer)
            case "text", "thinking", "partial_json": return skimmer.giveUp()
            default: skimmer.skip()
            }
        }
        piece = text.text
    }

    private static func kind(_ word: JSONSkimmer.Word?) -> Kind? {
        switch word {
        case "text_delta"?: .text
        case "thinking_delta"?: .thinking
        case "input_json_delta"?: .input
        default: nil
        }
    }
}
