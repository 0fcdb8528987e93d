import OrderedCollections
import ParleyCore

/// Reads the JSON in the answers of a batch that were asked for in that form.
///
/// What followed its schema when it was answered does so whenever it is read: the same text is judged by the same
/// schema. So the object is not stored beside its text, an answer from before there was a check is judged too, and whatever is
/// shown as an object was found valid.
final class ObjectReader {
    private let settings: BatchSettings
    /// The batch's own schema; nil when it has none that can be used.
    private let schema: JSONSchema?
    private var shelf = SchemaShelf()

    init(_ settings: BatchSettings) {
        self.settings = settings
        schema = settings.schema.flatMap { try? JSONSchema($0) }
    }

    /// The value in an answer to a row; nil where none was asked for, or the answer does not follow its schema.
    ///
    /// Without a schema that can be used, an answer that is to be JSON is shown as it stands.
    func object(in text: String, finishReason: String?, input: JSON) -> JSON? {
        guard let source = settings.schema(ofRow: input) else {
            return settings.options["response_format"] == nil ? nil : try? JSON(parsing: text)
        }
        guard let schema = settings.rowFormat == .columns ? schema : try? shelf.schema(source) else {
            return try? JSON(parsing: text)
        }
        let reason = FinishReason(finishReason ?? FinishReason.stop.word)
        return StructuredAnswer(text, by: schema, finishReason: reason).value
    }
}
