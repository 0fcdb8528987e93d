/// JSON that was found in a model's words, and how.
public struct ProseJSON: Sendable, Hashable {
    public var value: JSON
    public var origin: Origin

    /// Where it stood. The cases are in the order in which they are looked for.
    public enum Origin: String, Sendable, Hashable, CaseIterable {
        /// The text is JSON and nothing else.
        case whole
        /// In a fenced code block.
        case fence
        /// Somewhere in the text.
        case embedded
        /// Whole again, or closed where the answer broke off.
        case repaired
        /// Written as Python or JavaScript would.
        case literal
        /// A small flat object with bare words for values, such as `{city: Paris, size: 3}`.
        case pairs
    }

    /// What counts as found.
    public enum Kind: Sendable, Hashable {
        /// Any value if it is the whole text; an object or an array in the midst of others.
        case any
        case object
    }

    /// A longer text is read only if it is JSON as it stands.
    public static let searchedBytesMax = 16 << 20
    /// A flat object with bare words is looked for within that many bytes of its brace.
    public static let pairsBytesMax = 4096
    /// The most members of a flat object with bare words.
    public static let pairsMax = 64

    public init(value: JSON, origin: Origin) {
        self.value = value
        self.origin = origin
    }

    /// Looks for JSON in a text; nil when there is none.
    public static func find(_ kind: Kind = .any, in text: String) -> ProseJSON? {
        var text = text
        return text.withUTF8 { bytes in
            var search = ProseSearch(bytes, kind: kind)
            return search.result()
        }
    }
}

/// The JSON that a model's answer holds, however it is wrapped; `default` when there is none.
///
/// Tried in this order: the whole text; a fenced code block (``` or ~~~, the first one that holds JSON; a block marked `json`
/// may hold any value, others an object or an array); the first object in the text, or array of such, whose brackets balance
/// outside of strings; one that the end of the text cut off, closed; a Python or JavaScript literal (single quotes, `True`,
/// `None`, commas at the end), whole, fenced or within the text; a small flat object in braces with names and values without
/// quotes. Lines such as `name: value` without braces are prose. An empty object or an array of plain values within
/// prose (`[1]` is often a footnote) is taken only when nothing better is found.
///
/// The time is linear in the text's length.
public func parseJSON(_ text: String, default fallback: JSON) -> JSON {
    ProseJSON.find(.any, in: text)?.value ?? fallback
}

/// The JSON object that a model's answer holds, however it is wrapped; `default` when there is none.
///
/// As ``parseJSON(_:default:)``, but arrays and plain values are passed over: of an array of objects the first is taken.
public func parseJSONObject(_ text: String, default fallback: JSONObject) -> JSONObject {
    ProseJSON.find(.object, in: text)?.value.objectValue ?? fallback
}
