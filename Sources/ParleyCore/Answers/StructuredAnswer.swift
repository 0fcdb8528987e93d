/// A model's answer that was to follow a JSON Schema: the value in it, or what is wrong.
///
/// The same text and schema always come to the same verdict. So nothing of it is stored: whoever reads an answer again judges
/// it again, and what is shown as an object is always what was found valid.
public enum StructuredAnswer: Sendable, Hashable {
    /// What the answer holds, and where it stood in it.
    case valid(ProseJSON)
    case invalid(InvalidAnswer)

    /// Looks for JSON in the text (whole, fenced, within prose, repaired; see ``ProseJSON``) and checks it.
    ///
    /// An answer that was cut off is valid only if its JSON was complete by then: what was closed in its place may lack
    /// members that nobody would miss.
    public init(_ text: String, by schema: JSONSchema, finishReason: FinishReason = .stop) {
        let cut = InvalidAnswer.Cut(finishReason)
        guard let found = ProseJSON.find(in: text), cut == nil || Self.complete.contains(found.origin) else {
            self = .invalid(InvalidAnswer(.noJSON, cut: cut))
            return
        }
        let violations = schema.violations(in: found.value)
        self =
            violations.isEmpty ? .valid(found) : .invalid(InvalidAnswer(.violations(violations), cut: cut))
    }

    /// Where only JSON can stand that has come to its end.
    private static let complete: Set<ProseJSON.Origin> = [.whole, .fence, .embedded]

    /// The value that follows the schema; nil when there is none.
    public var value: JSON? { if case .valid(let found) = self { found.value } else { nil } }
}
