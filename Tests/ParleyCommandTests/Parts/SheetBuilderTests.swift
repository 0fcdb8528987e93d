import ArgumentParser
import BatchExecutor
import ParleyCore
import ProviderStack
import Testing

@testable import parley

@Suite struct `Sheets put together` {
    private static let roles = """
        default_model: openai/plain
        roles:
          default: {model: openai/standard, temperature: 0.5}
          judge: {model: openai/strict, temperature: 0, max_tokens: 9, fallback: [groq/second]}
        """

    /// The sheet for a file, by the settings and the words of the command line; and what was warned of.
    private func sheet(
        _ settings: String, _ words: String...
    ) throws -> (sheet: JobSheet, warnings: [String]) {
        let config = try ConfigFile(yaml: settings, path: "config.yaml")
        var warnings: [String] = []
        let sheets = try SheetBuilder(
            options: try IngestOptions.parse(words), config: config, catalogue: .with(config),
            warn: { warnings.append($0) }
        ).sheets(for: ["a.csv"])
        return (try #require(sheets.first), warnings)
    }

    @Test func `A role says model, temperature, length and fallbacks`() throws {
        let (sheet, warnings) = try sheet(Self.roles, "--role", "judge")
        #expect(sheet.model == ModelName("openai/strict"))
        #expect(sheet.temperature == 0 && sheet.maxTokens == 9)
        #expect(sheet.fallbacks == [ModelName("groq/second")!])
        #expect(warnings == [])
    }

    @Test func `What is said of reusing answers is kept with the batch`() throws {
        let config = try ConfigFile(yaml: Self.roles, path: "config.yaml")
        func limits(_ reuse: BatchLimits) throws -> BatchLimits? {
            try SheetBuilder(
                options: try IngestOptions.parse([]), config: config, catalogue: .with(config), reuse: reuse,
                warn: { _ in }
            ).sheets(for: ["a.csv"]).first?.settings.limits
        }
        let said = BatchLimits(reuse: true, collapse: false)
        #expect(try limits(said) == said)
        let options = try ReuseOptions.parse(["--collapse"])
        #expect(try limits(options.said(nil)) == BatchLimits(collapse: true))
    }

    @Test func `What is said wins over the role`() throws {
        let (sheet, _) = try sheet(
            Self.roles, "--role", "judge", "--max-tokens", "5", "--fallback", "mistral/x")
        #expect(sheet.maxTokens == 5 && sheet.fallbacks == [ModelName("mistral/x")!])
    }

    @Test func `An unknown role is the default one, with a warning that names the nearest`() throws {
        let (sheet, warnings) = try sheet(Self.roles, "--role", "jugde")
        #expect(sheet.model == ModelName("openai/standard") && sheet.role == "jugde")
        #expect(
            warnings == [
                "There is no role 'jugde' in the settings (did you mean 'judge'?): the role 'default' answers, "
                    + "which is openai/standard."
            ])
    }

    @Test func `Without a default role the default model stands for it`() throws {
        let (sheet, warnings) = try sheet("default_model: openai/plain", "--role", "judge")
        #expect(sheet.model == ModelName("openai/plain"))
        #expect(
            warnings == [
                "There is no role 'judge' in the settings: the default model answers, which is openai/plain."
            ])
    }

    @Test func `Without a role nobody is warned`() throws {
        #expect(try sheet(Self.roles).warnings == [])
        #expect(try sheet(Self.roles).sheet.model == ModelName("openai/standard"))
    }

    @Test func `The last resort ends every chain, once`() throws {
        let settings = Self.roles + "\nlast_resort: ollama/llama3.2"
        #expect(
            try sheet(settings, "--role", "judge").sheet.fallbacks?.map(\.description)
                == ["groq/second", "ollama/llama3.2"])
        #expect(try sheet(settings, "-m", "ollama/llama3.2").sheet.fallbacks == nil)
        #expect(
            try sheet(settings, "-m", "openai/y", "--fallback", "ollama/llama3.2", "--fallback", "openai/z")
                .sheet
                .fallbacks?.count == 2)
    }

    @Test func `A prompt is taken by its name`() throws {
        let settings =
            "default_model: openai/a\nprompts: {tone: {system: Read., prompt: 'Is {{text}} friendly?'}}"
        let (sheet, _) = try sheet(settings, "-p", "@tone")
        #expect(sheet.prompt == "Is {{text}} friendly?" && sheet.system == "Read.")
        #expect(try self.sheet(settings, "-p", "@tone", "-s", "Mine.").sheet.system == "Mine.")
        #expect(try self.sheet(settings, "-p", "@@tone").sheet.prompt == "@tone")
        #expect(throws: CommandFailure.self) { try self.sheet(settings, "-p", "@tune") }
    }
}
