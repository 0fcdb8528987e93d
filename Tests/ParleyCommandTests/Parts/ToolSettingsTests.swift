import Conversations
import OrderedCollections
import ParleyCore
import Testing

@testable import parley

@Suite struct `Tools in the settings` {
    private func refusal(_ members: String) -> String {
        do {
            _ = try ConfigFile(yaml: "tools:\n  clock:\n    \(members)", path: "config.yaml")
            return ""
        } catch { return "\(error)" }
    }

    @Test func `All of a tool can be said`() throws {
        let config = try ConfigFile(
            yaml: """
                tool_rounds: 3
                tools:
                  clock:
                    summary: The time.
                    parameters:
                      type: object
                      properties: {zone: {type: string, enum: [UTC, no]}}
                    command: [date, -u, "+%H:%M", 5]
                    timeout: 5m
                    confirm: false
                    protected: true
                    environment: [TZ, CITY]
                    output_bytes: 2048
                  human:
                    description: Asks a person.
                    parameters: '{"type": "object", "required": ["question"]}'
                """, path: "config.yaml")
        #expect(config.toolRounds == 3)
        #expect(
            config.tools == [
                CommandTool(
                    ToolDefinition(
                        name: "clock", summary: "The time.",
                        parameters: [
                            "type": "object",
                            "properties": ["zone": ["type": "string", "enum": ["UTC", "no"]]],
                        ]),
                    command: ["date", "-u", "+%H:%M", "5"], timeout: .seconds(300), needsConfirmation: false,
                    isProtected: true, environment: ["TZ", "CITY"], outputBytesMax: 2048),
                CommandTool(
                    ToolDefinition(
                        name: "human", summary: "Asks a person.",
                        parameters: ["type": "object", "required": ["question"]])),
            ])
    }

    @Test func `What is not said is careful`() throws {
        let config = try ConfigFile(
            yaml: "tools: {clock: {summary: The time., command: [date]}}", path: "config.yaml")
        let tool = try #require(config.tools.first)
        #expect(tool.needsConfirmation && !tool.isProtected && tool.timeout == .seconds(60))
        #expect(tool.environment.isEmpty && tool.outputBytesMax == 65_536 && config.toolRounds == 10)
        #expect(tool.definition.parameters == ["type": "object", "properties": [:]])
    }

    private static let path = "config.yaml:3:"
    private static let list = "it must be a list of words, since no shell reads it: "

    @Test(arguments: [
        ("{command: [date]}", "5: tools.clock: the tool needs a summary: a model knows it by nothing else"),
        (
            "{summary: a, description: b}",
            "31: tools.clock.description: summary and description are one; give one of them"
        ),
        (
            "{summary: a, command: 'date -u | cat'}",
            #"27: tools.clock.command: \#(list)["date", "-u", "|", "cat"]"#
        ),
        (
            "{summary: a, command: []}",
            "27: tools.clock.command: its first word is the program; without a command leave the key out"
        ),
        ("{summary: a, command: [date, [x]]}", "34: tools.clock.command: each word must be a text"),
        (
            "{summary: a, command: [bin/date]}",
            "27: tools.clock.command: the program is a name that is found by PATH, or an absolute path; not 'bin/date'"
        ),
        (
            "{summary: a, timeout: 2d}",
            "27: tools.clock.timeout: it must be a length of time from 1s to 1d: seconds, or such as 90s, 5m or 1h"
        ),
        ("{summary: a, confirm: maybe}", "27: tools.clock.confirm: it must be true or false"),
        (
            "{summary: a, environment: [TZ, OPENAI_API_KEY]}",
            "36: tools.clock.environment: OPENAI_API_KEY looks like the name of a key, and tools get none"
        ),
        (
            "{summary: a, environment: TZ}",
            "31: tools.clock.environment: it must be a list of names of variables, such as [TZ]"
        ),
        (
            "{summary: a, output_bytes: 5}",
            "32: tools.clock.output_bytes: it must be a whole number from 1024 to 1048576"
        ),
        (
            "{summary: a, parameters: {type: array}}",
            "30: tools.clock.parameters: the schema of a tool's parameters says 'type: object' at its top"
        ),
        (
            "{summary: a, parameters: {type: object, required: zone}}",
            "30: tools.clock.parameters: it cannot be used as a JSON Schema: "
                + "/required: must be an array of strings, is the string \"zone\""
        ),
        (
            "{summary: a, parameters: oops}",
            "30: tools.clock.parameters: it must be a JSON Schema, as a mapping or as a text of JSON; this is no JSON: "
                + "a value cannot start with 'o' (byte 1)"
        ),
        (
            "{summary: a, comand: [date]}",
            "18: tools.clock: there is no setting 'comand'; did you mean 'command'?"
        ),
    ])
    func `What is wrong is named with its place`(members: String, sentence: String) {
        #expect(refusal(members) == Self.path + sentence)
    }

    @Test func `Names are those that all providers take`() {
        let long = String(repeating: "a", count: 65)
        for name in ["a.b", "é", long] {
            #expect(throws: ConfigFileError.self) {
                try ConfigFile(yaml: "tools: {'\(name)': {summary: a}}", path: "config.yaml")
            }
        }
    }

    @Test func `A variable that holds a provider's key is not passed on, wherever the provider stands`() {
        #expect(throws: ConfigFileError.self) {
            try ConfigFile(
                yaml: """
                    tools: {clock: {summary: a, environment: [LAB]}}
                    providers: {lab: {base_url: 'http://x', key_variable: LAB}}
                    """, path: "config.yaml")
        }
    }
}
