import ParleyCore

/// A member of a skimmed chunk that is a string or null.
///
/// It must not come twice: the last one would count, and whoever skims has used the first one by then.
struct SkimmedText {
    private(set) var text: String?
    private var hasCome = false

    /// The text unless there is nothing in it.
    var piece: String? { text == "" ? nil : text }

    mutating func read(_ skimmer: inout JSONSkimmer) {
        if hasCome { return skimmer.giveUp() }
        hasCome = true
        if !skimmer.takesNull() { text = skimmer.string() }
    }
}
