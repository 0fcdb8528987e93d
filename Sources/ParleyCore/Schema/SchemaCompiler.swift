internal import OrderedCollections

/// Turns the text of a schema into rules, and its references into indexes.
///
/// First all subschemas are found, with their names; then each is read. Neither step calls itself, so that a schema of
/// any depth cannot exhaust the stack.
struct SchemaCompiler {
    /// A place where a subschema stands.
    struct Location {
        let schema: JSON
        let pointer: String
        let depth: Int
        /// What relative references start from.
        var base: URIReference
    }

    let root: JSON
    var dialect = SchemaDialect.unstated
    var locations: [Location] = []
    /// From a pointer to the index of the subschema there.
    var indexes: [String: Int] = [:]
    /// From the URI of an `$id` to the pointer of its schema.
    var resources: [String: String] = ["": ""]
    /// From the URI of an anchor to the pointer of its schema.
    var anchors: [String: String] = [:]

    /// The rules of all subschemas; those of the whole come first.
    static func compile(_ root: JSON) throws(JSONSchemaError) -> [[SchemaRule]] {
        var compiler = SchemaCompiler(root: root)
        if case .object(let members) = root { compiler.dialect = try SchemaDialect(members, at: "") }
        try compiler.discover(Location(schema: root, pointer: "", depth: 0, base: URIReference()))
        var subschemas: [[SchemaRule]] = []
        // A reference may lead to a place that was none of the standard's, and so add to the locations.
        while subschemas.count < compiler.locations.count {
            subschemas.append(try compiler.rules(of: compiler.locations[subschemas.count]))
        }
        if let index = SchemaCycle.first(in: subschemas) {
            throw JSONSchemaError(
                .malformed, at: compiler.locations[index].pointer,
                "refers to itself without going deeper into the value")
        }
        return subschemas
    }

    /// Takes in a subschema with all that stand below it.
    mutating func discover(_ location: Location) throws(JSONSchemaError) {
        var waiting = [location]
        while var next = waiting.popLast() {
            guard indexes[next.pointer] == nil else { continue }
            guard next.depth <= JSONSchema.nestingMax else {
                throw JSONSchemaError(
                    .unsupported, at: next.pointer, "is nested deeper than \(JSONSchema.nestingMax) schemas")
            }
            guard locations.count < JSONSchema.subschemasMax else {
                throw JSONSchemaError(
                    .unsupported, at: next.pointer, "comes after \(JSONSchema.subschemasMax) other schemas")
            }
            switch next.schema {
            case .bool: break
            case .object(let members):
                let keywords = SchemaKeywords(members: members, pointer: next.pointer)
                try register(keywords, at: &next)
                for child in try keywords.subschemas().reversed() {
                    waiting.append(
                        Location(
                            schema: child.schema, pointer: child.pointer, depth: next.depth + 1,
                            base: next.base))
                }
            default:
                throw JSONSchemaError(
                    .malformed, at: next.pointer,
                    "must be a schema (an object or a boolean), is \(SchemaWords.cited(next.schema))")
            }
            indexes[next.pointer] = locations.count
            locations.append(next)
        }
    }

    /// What the subschema demands.
    private mutating func rules(of location: Location) throws(JSONSchemaError) -> [SchemaRule] {
        switch location.schema {
        case .bool(true): return []
        case .object(let members):
            let keywords = SchemaKeywords(members: members, pointer: location.pointer)
            var rules: [SchemaRule] = []
            if let target = try keywords.text("$ref") {
                rules.append(.reference(try index(of: target, from: location)))
            }
            // Up to draft-07 a reference stood alone, and what stood beside it did not count.
            if dialect == .draft7, !rules.isEmpty { return rules }
            rules += try assertions(keywords)
            rules += try applicators(keywords)
            return rules
        default: return [.never]
        }
    }

    /// The index of the subschema that a keyword holds.
    func subschema(_ keywords: SchemaKeywords, _ path: String...) -> Int? {
        indexes[path.reduce(keywords.pointer) { JSONPointer.appending($1, to: $0) }]
    }

    /// The indexes of the subschemas that a keyword lists.
    func list(_ keywords: SchemaKeywords, _ keyword: String) -> [Int]? {
        guard let elements = keywords.members[keyword]?.arrayValue else { return nil }
        return elements.indices.compactMap { subschema(keywords, keyword, String($0)) }
    }
}
