import OrderedCollections
import ParleyCore

/// Lines of an OpenAI batch file: `{"custom_id", "method": "POST", "url": "/v1/chat/completions", "body": {…}}`.
extension JobRequest {
    /// The one endpoint whose requests parley understands.
    static let batchURL = "/v1/chat/completions"

    /// Members of a body that become fields of the request; all others go to the provider as they are.
    private static let bodyFields: Set<String> = [
        "messages", "model", "max_tokens", "max_completion_tokens", "temperature", "stop", "tools",
        "tool_choice",
        "response_format", "stream", "stream_options",
    ]

    func batchLineRequest(_ line: JSONObject) throws(RowFault) -> CompletionRequest {
        guard let method = line["method"]?.stringValue, method.uppercased() == "POST" else {
            throw RowFault("method must be POST")
        }
        guard let url = line["url"]?.stringValue, url == Self.batchURL else {
            throw RowFault("url must be \(Self.batchURL); parley answers no other kind of request")
        }
        guard let value = line["body"] else { throw RowFault("the body is missing") }
        guard case .object(let body) = value else {
            throw RowFault("the body must be an object, this is \(value.kindName)")
        }
        return try bodyRequest(body)
    }

    private func bodyRequest(_ body: JSONObject) throws(RowFault) -> CompletionRequest {
        guard let messages = body["messages"], !messages.isNull else {
            throw RowFault("the body has no messages")
        }
        if let count = body["n"], count.intValue != 1 { throw RowFault("n must be 1: a job has one answer") }
        let conversation = try Conversation(reading: messages)
        let limit =
            body["max_completion_tokens"].flatMap { $0.isNull ? JSON?.none : $0 } ?? body["max_tokens"]
        var options = settings.options
        for (name, value) in body where !Self.bodyFields.contains(name) && name != "n" {
            options[name] = value
        }
        return CompletionRequest(
            model: try model(named: body["model"]?.stringValue),
            system: conversation.system ?? settings.system, messages: conversation.messages,
            tools: try OpenAIForm.tools(body["tools"]),
            toolChoice: try OpenAIForm.toolChoice(body["tool_choice"]),
            maxTokens: try RowNumbers.maxTokens(limit) ?? settings.maxTokens,
            temperature: try RowNumbers.temperature(body["temperature"]) ?? settings.temperature,
            stop: try OpenAIForm.stop(body["stop"]),
            responseFormat: try OpenAIForm.responseFormat(body["response_format"]) ?? responseFormat,
            options: options)
    }
}

/// Reads members of a chat request in OpenAI's form.
enum OpenAIForm {
    static func tools(_ value: JSON?) throws(RowFault) -> [ToolDefinition] {
        guard let value, !value.isNull else { return [] }
        guard let elements = value.arrayValue else { throw RowFault("tools must be an array") }
        var tools: [ToolDefinition] = []
        for element in elements {
            guard element["type"] == "function", let function = element["function"],
                let name = function["name"]?.stringValue, !name.isEmpty
            else { throw RowFault("a tool must be of type 'function' and have a name") }
            tools.append(
                ToolDefinition(
                    name: name, summary: function["description"]?.stringValue ?? "",
                    parameters: function["parameters"] ?? ["type": "object", "properties": [:]],
                    isStrict: function["strict"]?.boolValue ?? false))
        }
        return tools
    }

    static func toolChoice(_ value: JSON?) throws(RowFault) -> ToolChoice {
        switch value {
        case nil, .null, "auto": return .automatic
        case "none": return .none
        case "required": return .required
        case let value?:
            guard value["type"] == "function", let name = value["function"]?["name"]?.stringValue else {
                throw RowFault("tool_choice must be auto, none, required or name a function")
            }
            return .named(name)
        }
    }

    static func stop(_ value: JSON?) throws(RowFault) -> [String] {
        switch value {
        case nil, .null: return []
        case .string(let word): return [word]
        case .array(let words):
            let texts = words.compactMap(\.stringValue)
            guard texts.count == words.count else {
                throw RowFault("stop must be a text or an array of texts")
            }
            return texts
        default: throw RowFault("stop must be a text or an array of texts")
        }
    }

    static func responseFormat(_ value: JSON?) throws(RowFault) -> ResponseFormat? {
        guard let value, !value.isNull else { return nil }
        switch value["type"]?.stringValue {
        case "text": return .text
        case "json_object": return .jsonObject
        case "json_schema":
            guard let wanted = value["json_schema"], let schema = wanted["schema"] else {
                throw RowFault("response_format has no json_schema with a schema")
            }
            return .jsonSchema(
                name: wanted["name"]?.stringValue ?? "answer", schema: schema,
                strict: wanted["strict"]?.boolValue ?? false)
        default: throw RowFault("response_format must be text, json_object or json_schema")
        }
    }
}
