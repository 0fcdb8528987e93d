import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct NamedPromptTests {
    private let library: PromptLibrary

    init() throws {
        library = PromptLibrary.builtIn.adding([
            try NamedPrompt(name: "tone", system: "Read well.", prompt: "Is {{text}} friendly?"),
            try NamedPrompt(name: "translate", prompt: "To {{language}}: {{text}}"),
        ])
    }

    @Test func `Every built-in prompt has a variable, a purpose and a system prompt without variables`() {
        #expect(
            PromptLibrary.builtIn.names == ["summarize", "classify", "extract-json", "translate", "rewrite"])
        for prompt in PromptLibrary.builtIn.all {
            #expect(prompt.variables.contains("text"))
            #expect(!prompt.summary.isEmpty && prompt.origin == .builtIn)
            #expect(prompt.system?.contains("{{") == false)
        }
    }

    @Test func `A prompt of the user's own stands in the place of a built-in one`() throws {
        #expect(library.names == PromptLibrary.builtIn.names + ["tone"])
        let prompt = try library.prompt(named: "@translate")
        #expect(prompt.origin == .settings && prompt.system == nil)
        #expect(prompt.variables == ["language", "text"])
    }

    @Test func `An unknown name is answered with the nearest one and all there are`() {
        let error = #expect(throws: PromptLibraryError.self) { try library.prompt(named: "@summarise") }
        #expect(
            error?.description
                == "there is no prompt '@summarise'; did you mean '@summarize'? (there are @summarize, @classify, "
                + "@extract-json, @translate, @rewrite, @tone; a text that begins with @ is written with two: @@…)"
        )
    }

    @Test func `A prompt is filled by its variables, and braces in a value stay as they are`() throws {
        let prompt = try library.prompt(named: "tone")
        #expect(try prompt.filled(with: ["text": "{{text}} {{other}}"]) == "Is {{text}} {{other}} friendly?")
    }

    @Test func `A variable without a value is named, with the nearest that there is`() throws {
        let prompt = try library.prompt(named: "translate")
        let error = #expect(throws: RowFault.self) {
            try prompt.filled(with: ["text": "x", "langauge": "French"])
        }
        #expect(
            error?.description
                == "the prompt template names the column 'language', which is not there (did you mean 'langauge'?); "
                + "the columns are: text, langauge")
    }

    @Test(arguments: [
        ("plain {{x}}", "plain {{x}}"), ("@@ann asks", "@ann asks"), ("@@", "@"), ("a @tone", "a @tone"),
    ])
    func `A text is itself, and one that begins with two @ loses one of them`(text: String, meant: String)
        throws
    {
        #expect(try library.reading(text) == .text(meant))
    }

    @Test(arguments: ["@", "@ann asks {{x}}", "@tone!"])
    func `A text that begins with one @ must be a name`(text: String) {
        #expect(throws: PromptLibraryError.self) { try library.reading(text) }
    }

    @Test func `A sheet that names a prompt takes its text and its system prompt`() throws {
        let sheet = try JobSheet(prompt: "@tone").naming(from: library)
        #expect(sheet.prompt == "Is {{text}} friendly?")
        #expect(sheet.system == "Read well.")
        #expect(sheet.settings.promptTemplate == "Is {{text}} friendly?")
    }

    @Test func `The sheet's own system prompt wins over the named one's`() throws {
        #expect(try JobSheet(system: "Mine.", prompt: "@tone").naming(from: library).system == "Mine.")
    }

    @Test func `A sheet without a prompt stays as it is`() throws {
        #expect(try JobSheet(batch: "b").naming(from: library) == JobSheet(batch: "b"))
    }

    @Test func `A prompt that is broken is refused with its place`() {
        #expect(throws: TemplateError.self) { try NamedPrompt(name: "x", prompt: "{{a") }
    }
}
