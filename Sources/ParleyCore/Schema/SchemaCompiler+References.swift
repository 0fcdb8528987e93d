internal import Foundation
internal import OrderedCollections

extension SchemaCompiler {
    /// Notes the names that the subschema gives itself, and refuses keywords that are not followed.
    mutating func register(_ keywords: SchemaKeywords, at location: inout Location) throws(JSONSchemaError) {
        try dialect.refuseUnknown(keywords.members, at: location.pointer)
        if keywords.members["$schema"] != nil {
            guard try SchemaDialect(keywords.members, at: location.pointer) == dialect else {
                throw JSONSchemaError(
                    .unsupported, at: keywords.place(of: "$schema"), "differs from the dialect of the whole")
            }
        }
        try registerIdentifier(keywords, at: &location)
        guard let anchor = try keywords.text("$anchor") else { return }
        guard Self.isAnchor(anchor) else {
            throw keywords.malformed(
                "$anchor", "must start with a letter, then letters, digits, '-', '_', '.'")
        }
        let known = anchors.updateValue(location.pointer, forKey: "\(location.base.resource)#\(anchor)")
        guard known == nil else { throw keywords.malformed("$anchor", "must have a name of its own") }
    }

    private mutating func registerIdentifier(
        _ keywords: SchemaKeywords, at location: inout Location
    ) throws(JSONSchemaError) {
        // Beside a reference, `$id` did not count up to draft-07.
        if dialect == .draft7, keywords.members["$ref"] != nil { return }
        guard var identifier = try keywords.text("$id").map({ URIReference($0) }) else { return }
        let fragment = identifier.fragment ?? ""
        identifier.fragment = nil
        var known: String?
        if fragment.isEmpty {
            location.base = identifier.resolved(against: location.base)
            known = resources.updateValue(location.pointer, forKey: location.base.resource)
        } else if dialect == .draft7, identifier == URIReference() {
            known = anchors.updateValue(location.pointer, forKey: "\(location.base.resource)#\(fragment)")
        } else {
            throw keywords.malformed("$id", "must have no fragment")
        }
        guard known == nil || known == location.pointer else {
            throw keywords.malformed("$id", "must have a name of its own")
        }
    }

    private static func isAnchor(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first == "_" || isLetter(first) else { return false }
        return text.unicodeScalars.allSatisfy {
            isLetter($0) || ("0"..."9").contains($0) || ["-", "_", "."].contains($0)
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}

extension SchemaCompiler {
    /// The index of the subschema that a `$ref` leads to.
    mutating func index(of reference: String, from location: Location) throws(JSONSchemaError) -> Int {
        let place = JSONPointer.appending("$ref", to: location.pointer)
        let words = SchemaWords.quoted(reference)
        let target = URIReference(reference).resolved(against: location.base)
        guard let resource = resources[target.resource] else {
            throw JSONSchemaError(
                .unsupported, at: place, "refers to \(words) outside of this schema; nothing is fetched")
        }
        let fragment = target.fragment ?? ""
        guard let name = fragment.removingPercentEncoding else {
            throw JSONSchemaError(.malformed, at: place, "has a broken percent escape in \(words)")
        }
        let pointer =
            name.isEmpty || name.hasPrefix("/")
            ? JSONPointer.tokens(of: name).map { $0.reduce(resource) { JSONPointer.appending($1, to: $0) } }
            : anchors["\(target.resource)#\(name)"]
        guard let pointer, let index = try index(at: pointer) else {
            throw JSONSchemaError(.malformed, at: place, "refers to \(words), which does not exist")
        }
        return index
    }

    /// The index of the subschema at the pointer, which may also stand below an unknown keyword.
    private mutating func index(at pointer: String) throws(JSONSchemaError) -> Int? {
        if let index = indexes[pointer] { return index }
        guard let tokens = JSONPointer.tokens(of: pointer), let schema = root.value(at: tokens) else {
            return nil
        }
        var base = URIReference()
        var above = ""
        for token in tokens {
            if let index = indexes[above] { base = locations[index].base }
            above = JSONPointer.appending(token, to: above)
        }
        try discover(Location(schema: schema, pointer: pointer, depth: tokens.count, base: base))
        return indexes[pointer]
    }
}
