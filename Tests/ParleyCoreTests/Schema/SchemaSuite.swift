import Foundation
import OrderedCollections
import ParleyCore

/// The official JSON Schema Test Suite, as far as it stands beside this file.
struct SchemaSuite {
    struct Case {
        let name: String
        let data: JSON
        let isValid: Bool
    }

    /// Cases that share a schema.
    struct Group {
        /// Folder, file and description: `draft2020-12/ref.json: root pointer ref`.
        let name: String
        let schema: JSON
        let cases: [Case]
    }

    struct Malformed: Error {
        let place: String
    }

    let groups: [Group]

    init() throws {
        guard let root = Bundle.module.url(forResource: "Suite", withExtension: nil),
            let walk = FileManager.default.enumerator(atPath: root.path)
        else { throw Malformed(place: "Suite") }
        var groups: [Group] = []
        for case let path as String in walk where path.hasSuffix(".json") {
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            for group in try JSON(parsing: text).arrayValue ?? [] {
                groups.append(try Self.group(group, path: path))
            }
        }
        self.groups = groups.sorted { $0.name < $1.name }
    }

    private static func group(_ group: JSON, path: String) throws -> Group {
        guard let description = group["description"]?.stringValue, let schema = group["schema"],
            let cases = group["tests"]?.arrayValue
        else { throw Malformed(place: path) }
        let name = "\(path): \(description)"
        return Group(
            name: name, schema: path.hasPrefix("draft7/") ? asDraft7(schema) : schema,
            cases: try cases.map { test in
                guard let title = test["description"]?.stringValue, let data = test["data"],
                    let isValid = test["valid"]?.boolValue
                else { throw Malformed(place: name) }
                return Case(name: title, data: data, isValid: isValid)
            })
    }

    /// The suite's schemas of draft-07 do not say that they are.
    private static func asDraft7(_ schema: JSON) -> JSON {
        guard case .object(var members) = schema, members["$schema"] == nil else { return schema }
        members["$schema"] = "http://json-schema.org/draft-07/schema#"
        return .object(members)
    }
}
