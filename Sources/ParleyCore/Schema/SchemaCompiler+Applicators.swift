internal import OrderedCollections

extension SchemaCompiler {
    /// The keywords that hand the value, or parts of it, on to subschemas.
    func applicators(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if let elements = try elements(keywords) { rules.append(elements) }
        let atLeast = try keywords.count("minContains") ?? 1
        let atMost = try keywords.count("maxContains")
        if let index = subschema(keywords, "contains") {
            rules.append(.contains(index, atLeast: atLeast, atMost: atMost))
        }
        if let members = try members(keywords) { rules.append(.members(members)) }
        if let index = subschema(keywords, "propertyNames") { rules.append(.names(index)) }
        rules += try dependencies(keywords)
        if let indexes = list(keywords, "allOf") { rules.append(.all(indexes)) }
        if let indexes = list(keywords, "anyOf") { rules.append(.any(indexes)) }
        if let indexes = list(keywords, "oneOf") { rules.append(.one(indexes)) }
        if let index = subschema(keywords, "not") { rules.append(.not(index)) }
        if let index = subschema(keywords, "if") {
            rules.append(
                .condition(
                    if: index, then: subschema(keywords, "then"), else: subschema(keywords, "else")))
        }
        return rules
    }

    /// `prefixItems` with `items`, or draft-07's array of `items` with `additionalItems`.
    private func elements(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> SchemaRule? {
        let rest = subschema(keywords, "items")
        guard keywords.members["items"]?.arrayValue != nil else {
            let first = list(keywords, "prefixItems") ?? []
            return first.isEmpty && rest == nil ? nil : .elements(first: first, rest: rest)
        }
        guard dialect != .draft2020, keywords.members["prefixItems"] == nil else {
            throw keywords.malformed("items", "must be a schema in draft 2020-12, which has prefixItems")
        }
        return .elements(
            first: list(keywords, "items") ?? [], rest: subschema(keywords, "additionalItems"))
    }

    private func members(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> SchemaMembers? {
        var members = SchemaMembers()
        for name in try keywords.object("properties")?.keys ?? [] {
            members.named[name] = subschema(keywords, "properties", name)
            members.names.append(name)
        }
        for source in try keywords.object("patternProperties")?.keys ?? [] {
            let place = JSONPointer.appending(source, to: keywords.place(of: "patternProperties"))
            guard let index = subschema(keywords, "patternProperties", source) else { continue }
            members.patterns.append((try Self.pattern(source, at: place), index))
        }
        members.others = subschema(keywords, "additionalProperties")
        members.isClosed = keywords.members["additionalProperties"] == false
        let isEmpty = members.named.isEmpty && members.patterns.isEmpty && members.others == nil
        return isEmpty ? nil : members
    }

    /// `dependentSchemas`, and draft-07's `dependencies`, which hold names or schemas.
    private func dependencies(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        for name in try keywords.object("dependentSchemas")?.keys ?? [] {
            guard let index = subschema(keywords, "dependentSchemas", name) else { continue }
            rules.append(.dependent(index, ifPresent: name))
        }
        for (name, value) in try keywords.object("dependencies") ?? [:] {
            if let index = subschema(keywords, "dependencies", name) {
                rules.append(.dependent(index, ifPresent: name))
            } else {
                let place = JSONPointer.appending(name, to: keywords.place(of: "dependencies"))
                rules.append(.required(try SchemaKeywords.names(value, at: place), ifPresent: name))
            }
        }
        return rules
    }
}
