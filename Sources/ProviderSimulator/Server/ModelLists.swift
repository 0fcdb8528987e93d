import OrderedCollections
import ParleyCore

/// The lists of models that the dialects answer with.
enum ModelLists {
    /// What is listed where every name is a model.
    static let namesDefault = ["sim-small", "sim-reasoner"]

    static func openAI(_ names: [String]) -> JSON {
        [
            "object": "list",
            "data": .array(
                names.map { name in
                    ["id": .string(name), "object": "model", "created": 0, "owned_by": "parley-simulator"]
                }),
        ]
    }

    static func anthropic(_ names: [String]) -> JSON {
        [
            "data": .array(
                names.map { name in
                    [
                        "type": "model", "id": .string(name), "display_name": .string("\(name) (simulated)"),
                        "created_at": "1970-01-01T00:00:00Z",
                    ]
                }), "has_more": false, "first_id": .init(names.first), "last_id": .init(names.last),
        ]
    }

    /// Ollama names each model with its tag.
    static func ollama(_ names: [String]) -> JSON {
        [
            "models": .array(
                names.map { name in
                    let tagged = name.contains(":") ? name : "\(name):latest"
                    return [
                        "name": .string(tagged), "model": .string(tagged),
                        "modified_at": "1970-01-01T00:00:00Z", "size": 0, "digest": "",
                        "details": ["format": "simulated", "family": "simulated"],
                    ]
                })
        ]
    }
}
