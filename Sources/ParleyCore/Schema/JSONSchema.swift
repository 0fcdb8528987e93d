/// A JSON Schema, ready to check values.
///
/// It follows draft 2020-12 without `unevaluatedItems`, `unevaluatedProperties`, dynamic references and references to
/// other documents, and draft-07 where `$schema` names it; `docs/structured-answers.md` has the list. What
/// is not followed is refused when the schema is read. `format` and the other annotations are not checked.
public struct JSONSchema: Sendable {
    /// More violations of one value are not looked for.
    public static let violationsMax = 20
    /// How deeply schemas may stand in each other, and values of `enum`, `const` and `uniqueItems`. The same as the
    /// parser's limit, so that only values made by a program can meet it.
    public static let nestingMax = JSONParser.depthMax
    /// More subschemas are refused.
    public static let subschemasMax = 20_000
    /// How many subschemas may be at work within each other on the way to one place of the value. They fit into a stack
    /// of 512 KB, the smallest that a task gets.
    public static let depthMax = 512
    /// How often a subschema, a pattern or a value's comparison may be asked in one check: about a second's work.
    public static let stepsMax = 1_000_000

    /// The schema as it was given.
    public let source: JSON
    private let subschemas: [[SchemaRule]]

    /// Reads a schema; throws when it is malformed or asks for something that is not supported.
    public init(_ schema: JSON) throws(JSONSchemaError) {
        subschemas = try SchemaCompiler.compile(schema)
        source = schema
    }

    /// How the value breaks the schema, in the order of the schema's rules; empty when it does not.
    ///
    /// When a limit is reached (``depthMax``, ``stepsMax``, or the patience with one pattern), the last violation says so:
    /// what could not be checked is never called right.
    public func violations(in value: JSON, upTo countMax: Int = violationsMax) -> [Violation] {
        precondition(countMax > 0)
        var check = SchemaCheck(subschemas: subschemas, violationsMax: countMax)
        do throws(SchemaCheck.Exhaustion) {
            _ = try check.holds(0, for: value)
        } catch {
            let last = Violation(pointer: "", keyword: "", sentence: error.sentence)
            return check.violations.prefix(countMax - 1) + [last]
        }
        return check.violations
    }

    /// Whether the value follows the schema; quicker than to ask for the violations.
    public func allows(_ value: JSON) -> Bool {
        var check = SchemaCheck(subschemas: subschemas, violationsMax: 1, isQuiet: true)
        return (try? check.holds(0, for: value)) ?? false
    }
}
