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

    private mutating func readDelta(_ skimmer: inout JSONSkimmer) {
        var text = SkimmedText()
        var thinking = SkimmedText()
        var input = SkimmedText()
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "type":
                if kind != nil { return skimmer.giveUp() }
                kind = Self.kind(skimmer.word())
                if kind == nil { return skimmer.giveUp() }
            case "text": text.read(&skimmer)
            case "thinking": thinking.read(&skimmer)
            case "partial_json": input.read(&skimmer)
            default: skimmer.skip()
            }
        }
        switch kind {
        case .text: piece = text.text
        case .thinking: piece = thinking.text
        case .input: piece = input.text
        case nil: break
        }
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
