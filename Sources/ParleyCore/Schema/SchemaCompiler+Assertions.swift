internal import OrderedCollections

extension SchemaCompiler {
    /// The keywords that look at the value alone.
    func assertions(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> [SchemaRule] {
        var rules: [SchemaRule] = []
        if let kinds = try kinds(keywords) { rules.append(.kinds(kinds)) }
        if let values = try values(keywords) { rules.append(.values(values)) }
        if let value = keywords.members["const"] {
            rules.append(.values(try SchemaValues(keyword: "const", [value], keywords)))
        }
        if let divisor = try keywords.number("multipleOf") {
            guard !divisor.value.digits.isEmpty, !divisor.value.isNegative else {
                throw keywords.malformed("multipleOf", "must be greater than 0")
            }
            guard divisor.value.digits.count <= JSONDecimal.divisorDigitsMax else {
                throw JSONSchemaError(
                    .unsupported, at: keywords.place(of: "multipleOf"),
                    "has more than \(JSONDecimal.divisorDigitsMax) significant digits")
            }
            rules.append(.multiple(of: divisor.value, literal: divisor.literal))
        }
        for keyword in SchemaBound.Keyword.allCases {
            guard let limit = try keywords.number(keyword.rawValue) else { continue }
            rules.append(.bound(SchemaBound(keyword: keyword, limit: limit.value, literal: limit.literal)))
        }
        for keyword in SchemaSize.Keyword.allCases {
            guard let limit = try keywords.count(keyword.rawValue) else { continue }
            rules.append(.size(SchemaSize(keyword: keyword, limit: limit)))
        }
        if let source = try keywords.text("pattern") {
            rules.append(.pattern(try Self.pattern(source, at: keywords.place(of: "pattern"))))
        }
        if try keywords.flag("uniqueItems") { rules.append(.unique) }
        if let names = try keywords.names("required"), !names.isEmpty {
            rules.append(.required(names, ifPresent: nil))
        }
        for (name, value) in try keywords.object("dependentRequired") ?? [:] {
            let place = JSONPointer.appending(name, to: keywords.place(of: "dependentRequired"))
            rules.append(.required(try SchemaKeywords.names(value, at: place), ifPresent: name))
        }
        return rules
    }

    static func pattern(_ source: String, at place: String) throws(JSONSchemaError) -> SchemaPattern {
        do throws(SchemaPattern.Fault) {
            return try SchemaPattern(source)
        } catch {
            throw JSONSchemaError(
                .malformed, at: place, "the pattern \(SchemaWords.quoted(source)) \(error.reason)")
        }
    }

    private func kinds(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> Set<SchemaKind>? {
        guard let value = keywords.members["type"] else { return nil }
        let known = SchemaWords.listed(SchemaKind.allCases.map(\.rawValue), "or")
        if case .string(let word) = value {
            guard let kind = SchemaKind(rawValue: word) else {
                throw keywords.malformed("type", "must be \(known)")
            }
            return [kind]
        }
        guard value.arrayValue != nil, let words = try keywords.names("type"), !words.isEmpty else {
            throw keywords.malformed("type", "must be \(known), or an array of those")
        }
        var kinds = Set<SchemaKind>()
        for (index, word) in words.enumerated() {
            guard let kind = SchemaKind(rawValue: word) else {
                throw JSONSchemaError(
                    .malformed, at: JSONPointer.appending(String(index), to: keywords.place(of: "type")),
                    "must be \(known), is the string \(SchemaWords.quoted(word))")
            }
            kinds.insert(kind)
        }
        return kinds
    }

    private func values(_ keywords: SchemaKeywords) throws(JSONSchemaError) -> SchemaValues? {
        guard let elements = try keywords.array("enum") else { return nil }
        return try SchemaValues(keyword: "enum", elements, keywords)
    }
}

extension SchemaValues {
    fileprivate init(keyword: String, _ values: [JSON], _ keywords: SchemaKeywords) throws(JSONSchemaError) {
        var bytes = Set<[UInt8]>()
        var words: [String] = []
        for value in values {
            guard let canonical = CanonicalJSON.bytes(of: value) else {
                throw JSONSchemaError(
                    .unsupported, at: keywords.place(of: keyword),
                    "is nested deeper than \(JSONSchema.nestingMax) levels")
            }
            bytes.insert(canonical)
            words.append(SchemaWords.literal(value))
        }
        self.keyword = keyword
        self.bytes = bytes
        self.words = SchemaWords.listed(words, "or")
    }
}
