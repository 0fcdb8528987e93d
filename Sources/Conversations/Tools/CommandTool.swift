public import ParleyCore

/// A tool that is a command on this machine, or one whose results somebody brings.
///
/// What a model says reaches the command as JSON on its standard input, and in no other way: never as a word of the command
/// line, never through a shell.
public struct CommandTool: Sendable, Hashable {
    public static let timeoutDefault = Duration.seconds(60)
    /// A day: whatever takes longer is no tool.
    public static let timeoutMax = Duration.seconds(86_400)
    public static let outputBytesDefault = 64 << 10
    public static let outputBytesRange = (1 << 10)...(1 << 20)
    /// As long as OpenAI and Anthropic allow.
    public static let nameLengthMax = 64
    /// OpenAI takes no more in one request.
    public static let countMax = 128

    public var definition: ToolDefinition
    /// The program and its words. Empty: nobody here can run it; its calls wait for their results.
    public var command: [String]
    /// After that long the command is stopped.
    public var timeout: Duration
    /// Somebody is asked before each run.
    public var needsConfirmation: Bool
    /// Its results are kept when a long history is compressed.
    public var isProtected: Bool
    /// Names of variables that the command gets beside the harmless ones; see ``ToolEnvironment``.
    public var environment: [String]
    /// Of a longer result the beginning and the end are kept.
    public var outputBytesMax: Int

    public init(
        _ definition: ToolDefinition, command: [String] = [], timeout: Duration = timeoutDefault,
        needsConfirmation: Bool = true, isProtected: Bool = false, environment: [String] = [],
        outputBytesMax: Int = outputBytesDefault
    ) {
        self.definition = definition
        self.command = command
        self.timeout = timeout
        self.needsConfirmation = needsConfirmation
        self.isProtected = isProtected
        self.environment = environment
        self.outputBytesMax = outputBytesMax
    }

    public var name: String { definition.name }

    /// Whether every provider takes that name: 1 to 64 of the letters A to Z and a to z, digits, `_` and `-`.
    public static func isName(_ text: String) -> Bool {
        (1...nameLengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    /// Tells whether a tool can have these parameters; the sentence says why not.
    public static func flaw(inParameters parameters: JSON) -> String? {
        guard parameters["type"] == "object" else {
            return "the schema of a tool's parameters says 'type: object' at its top"
        }
        do throws(JSONSchemaError) {
            _ = try JSONSchema(parameters)
            return nil
        } catch {
            return "it cannot be used as a JSON Schema: \(error)"
        }
    }
}
