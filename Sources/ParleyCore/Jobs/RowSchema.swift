extension BatchSettings {
    /// The schema that the answer to a row is to follow: its own, where it is a line of an OpenAI batch file and says in which
    /// form it wants its answer; else the batch's. Nil for none.
    public func schema(ofRow input: JSON) -> JSON? {
        guard rowFormat == .openAIBatch, let format = input["body"]?["response_format"], !format.isNull else {
            return schema
        }
        return format["type"] == "json_schema" ? format["json_schema"]?["schema"] : nil
    }
}
