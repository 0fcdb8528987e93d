import ParleyCore

/// What the common event of a stream tells: the next piece of a message, of the thoughts or of a call's arguments.
///
/// Made without building a tree of the event. Whatever is not of this shape (another type of event, a member twice, broken
/// JSON) is left to the parser.
struct ResponsesDelta {
    var kind: ResponsesOutput.Kind?
    var piece: String?
    var itemID: String?
    var callID: String?
    var index: Int?

    /// Reads the event's data; false if it is not of this shape, and then nothing that was read counts.
    mutating func skim(_ data: UnsafeBufferPointer<UInt8>) -> Bool {
        var skimmer = JSONSkimmer(data)
        var hasIndex = false
        var delta = SkimmedText()
        var item = SkimmedText()
        var call = SkimmedText()
        skimmer.enterObject()
        while let name = skimmer.nextName() {
            switch name {
            case "type":
                if kind != nil { return false }
                kind = Self.kind(skimmer.word())
                if kind == nil { return false }
            case "delta": delta.read(&skimmer)
            case "item_id": item.read(&skimmer)
            case "call_id": call.read(&skimmer)
            case "output_index":
                if hasIndex { return false }
                hasIndex = true
                if !skimmer.takesNull() { index = skimmer.integer() }
            default: skimmer.skip()
            }
        }
        piece = delta.text
        itemID = item.piece
        callID = call.piece
        return kind != nil && piece != nil && skimmer.isWhole()
    }

    private static func kind(_ type: JSONSkimmer.Word?) -> ResponsesOutput.Kind? {
        switch type {
        case "response.output_text.delta"?: .message
        case "response.reasoning_text.delta"?: .reasoning
        case "response.function_call_arguments.delta"?: .call
        default: nil
        }
    }
}

extension ItemName {
    init(_ delta: ResponsesDelta) {
        id = delta.itemID
        callID = delta.callID
        index = delta.index
    }
}
