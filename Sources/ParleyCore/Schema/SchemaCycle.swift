/// Finds subschemas that ask themselves about the same value again, such as `{"$ref": "#"}`, and would never end.
enum SchemaCycle {
    /// A subschema on a circle, or nil when there is none.
    ///
    /// All that lead to no circle are taken away, from the ends; what is left is on one or leads to one.
    static func first(in subschemas: [[SchemaRule]]) -> Int? {
        let targets: [[Int]] = subschemas.map { rules in rules.flatMap { Self.targets(of: $0) } }
        var open = targets.map(\.count)
        var sources = Array(repeating: [Int](), count: subschemas.count)
        for (source, targets) in targets.enumerated() {
            for target in targets { sources[target].append(source) }
        }
        var ended = open.indices.filter { open[$0] == 0 }
        while let index = ended.popLast() {
            for source in sources[index] {
                open[source] -= 1
                if open[source] == 0 { ended.append(source) }
            }
        }
        guard var index = open.firstIndex(where: { $0 > 0 }) else { return nil }
        // Going on from it long enough ends on the circle itself.
        for _ in subschemas.indices { index = targets[index].first { open[$0] > 0 } ?? index }
        return index
    }

    /// The subschemas that a rule asks about the value itself, not about a part of it.
    private static func targets(of rule: SchemaRule) -> [Int] {
        switch rule {
        case .reference(let index), .not(let index), .dependent(let index, _): [index]
        case .all(let indexes), .any(let indexes), .one(let indexes): indexes
        case .condition(let condition, let then, let otherwise):
            [condition] + [then, otherwise].compactMap(\.self)
        default: []
        }
    }
}
