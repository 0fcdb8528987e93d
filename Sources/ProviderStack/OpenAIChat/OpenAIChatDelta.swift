import ParleyCore

/// What the common chunk of a stream tells: the next piece of the answer, and nothing that must be judged.
///
/// Made without building a tree of the chunk. Whatever is not of this shape (an error, figures, a finish reason, a second
/// choice, what the provider wants back, a member twice, broken JSON) makes none, and the chunk is read by the parser.
struct OpenAIChatDelta {
    var model: String?
    var requestID: String?
    /// Nil, not empty, where there is none; so is ``text``.
    var reasoning: String?
    var text: String?
    var toolCall: ToolCallFragment?

    private var hasChoice = false

    /// Reads the chunk; false if it is not of this shape, and then nothing that was read counts.
    ///
    /// `wantsModel` and `wantsID` are false once they are known: then they are only passed over. A method, not an
    /// initializer, since a value of this size is dearer to hand around than to fill.
    mutating func skim(_ data: UnsafeBufferPointer<UInt8>, wantsModel: Bool, wantsID: Bool) -> Bool {
        var skimmer = JSONSkimmer(data)
        var model = SkimmedText()
        var id = SkimmedText()
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "choices": readChoices(&skimmer)
            case "model" where wantsModel: model.read(&skimmer)
            case "id" where wantsID: id.read(&skimmer)
            case "usage", "x_groq", "error": Self.expectNull(&skimmer)
            default: skimmer.skip()
            }
        }
        self.model = model.piece
        requestID = id.text
        return hasChoice && skimmer.isWhole()
    }

    private mutating func readChoices(_ skimmer: inout JSONSkimmer) {
        skimmer.enterArray()
        guard !hasChoice, skimmer.nextElement() else { return skimmer.giveUp() }
        hasChoice = true
        var hasDelta = false
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "index": Self.expectZero(&skimmer)
            case "delta":
                if hasDelta { return skimmer.giveUp() }
                hasDelta = true
                readDelta(&skimmer)
            case "finish_reason", "message": Self.expectNull(&skimmer)
            default: skimmer.skip()
            }
        }
        if skimmer.nextElement() { skimmer.giveUp() }
    }

    private mutating func readDelta(_ skimmer: inout JSONSkimmer) {
        var content = SkimmedText()
        var reasoningContent = SkimmedText()
        var otherReasoning = SkimmedText()
        var hasToolCalls = false
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "content": content.read(&skimmer)
            case "reasoning_content": reasoningContent.read(&skimmer)
            case "reasoning": otherReasoning.read(&skimmer)
            case "tool_calls":
                if hasToolCalls { return skimmer.giveUp() }
                hasToolCalls = true
                readToolCalls(&skimmer)
            case "refusal", "extra_content": Self.expectNull(&skimmer)
            case "reasoning_details": Self.expectNothing(&skimmer)
            default: skimmer.skip()
            }
        }
        text = content.piece
        reasoning = reasoningContent.piece ?? otherReasoning.piece
    }

    private static func expectNull(_ skimmer: inout JSONSkimmer) {
        if !skimmer.takesNull() { skimmer.giveUp() }
    }

    /// OpenRouter writes an empty list where there is none.
    private static func expectNothing(_ skimmer: inout JSONSkimmer) {
        if skimmer.takesNull() { return }
        skimmer.enterArray()
        if skimmer.nextElement() { skimmer.giveUp() }
    }

    private static func expectZero(_ skimmer: inout JSONSkimmer) {
        if skimmer.integer() != 0 { skimmer.giveUp() }
    }
}

// MARK: Tool calls

extension OpenAIChatDelta {
    /// A list with nothing in it, or one piece of one call.
    private mutating func readToolCalls(_ skimmer: inout JSONSkimmer) {
        if skimmer.takesNull() { return }
        skimmer.enterArray()
        guard skimmer.nextElement() else { return }
        if toolCall != nil { return skimmer.giveUp() }
        var index: Int?
        var hasIndex = false
        var id = SkimmedText()
        var function = (name: SkimmedText(), arguments: SkimmedText())
        var hasFunction = false
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "index":
                if hasIndex { return skimmer.giveUp() }
                hasIndex = true
                if !skimmer.takesNull() { index = skimmer.integer() }
            case "id": id.read(&skimmer)
            case "function":
                if hasFunction { return skimmer.giveUp() }
                hasFunction = true
                skimmer.enterObject()
                while let name = skimmer.nextName() {
                    switch name {
                    case "name": function.name.read(&skimmer)
                    case "arguments": function.arguments.read(&skimmer)
                    default: skimmer.skip()
                    }
                }
            case "extra_content": Self.expectNull(&skimmer)
            default: skimmer.skip()
            }
        }
        if skimmer.nextElement() { skimmer.giveUp() }
        toolCall = ToolCallFragment(
            index: index, id: id.text, name: function.name.text, arguments: function.arguments.text)
    }
}
