import ParleyCore

/// What the common line of a stream tells: the next piece of the answer, and nothing that must be judged.
///
/// Made without building a tree of the line. Whatever is not of this shape (an error, the last line, a tool call, a member
/// twice, broken JSON) is left to the parser.
struct OllamaDelta {
    var model: String?
    /// Nil, not empty, where there is none; so is ``text``.
    var reasoning: String?
    var text: String?

    /// Reads the line; false if it is not of this shape, and then nothing that was read counts.
    ///
    /// `wantsModel` is false once it is known: then it is only passed over.
    mutating func skim(_ line: UnsafeBufferPointer<UInt8>, wantsModel: Bool) -> Bool {
        var skimmer = JSONSkimmer(line)
        var model = SkimmedText()
        var hasMessage = false
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "message":
                if hasMessage { return false }
                hasMessage = true
                readMessage(&skimmer)
            case "model" where wantsModel: model.read(&skimmer)
            case "done": if skimmer.boolean() != false { return false }
            case "error": if !skimmer.takesNull() { return false }
            default: skimmer.skip()
            }
        }
        self.model = model.piece
        return hasMessage && skimmer.isWhole()
    }

    private mutating func readMessage(_ skimmer: inout JSONSkimmer) {
        var content = SkimmedText()
        var thinking = SkimmedText()
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "content": content.read(&skimmer)
            case "thinking": thinking.read(&skimmer)
            case "tool_calls": if !skimmer.takesNull() { return skimmer.giveUp() }
            default: skimmer.skip()
            }
        }
        text = content.piece
        reasoning = thinking.piece
    }
}
