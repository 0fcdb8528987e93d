public import ParleyCore

/// A provider's answer that the model has no tools.
///
/// This is the one place where a provider's words decide and not a code, because there is none: OpenRouter answers 404 with the
/// code 404 ("No endpoints found that support tool use. … To learn more about provider routing, visit …"), whatever
/// is missing; Ollama answers 400 with a sentence ("… does not support tools"). So the status and the kind must be right,
/// and the words are looked for in the provider's message only, never in an answer.
public enum ToolRefusal: Sendable, Hashable {
    /// It says so.
    case certain
    /// No endpoint can do all that was asked; the tools, or how they were asked for, are the likely reason.
    case likely

    private static let certainWords = [
        "no endpoints found that support tool use", "no endpoints available that support tool use",
        "does not support tools",
    ]
    private static let likelyWords = ["provider routing"]

    /// Nil for a failure that says nothing of tools.
    public init?(_ failure: Failure) {
        guard failure.kind == .rejected, failure.status == 404 || failure.status == 400,
            failure.partialText == nil
        else { return nil }
        let message = failure.message.lowercased()
        if Self.certainWords.contains(where: message.contains) {
            self = .certain
        } else if failure.status == 404, Self.likelyWords.contains(where: message.contains) {
            self = .likely
        } else {
            return nil
        }
    }
}
