import OrderedCollections
import ParleyCore
import Testing

@testable import BatchExecutor

@Suite struct PromptTemplateTests {
    @Test func `Placeholders are filled by the row's columns`() throws {
        let template = try PromptTemplate(parsing: "{{ who }} asks: {{question}}? {{who}}!")
        #expect(template.columns == ["who", "question"])
        #expect(try template.render(["who": "Ann", "question": "why"]) == "Ann asks: why? Ann!")
    }

    @Test func `Braces in a value stay as they are`() throws {
        #expect(try PromptTemplate(parsing: "<{{a}}>").render(["a": "{{b}}", "b": "no"]) == "<{{b}}>")
    }

    @Test func `The exact name wins over one that differs in case`() throws {
        let template = try PromptTemplate(parsing: "{{Topic}}")
        #expect(try template.render(["topic": "x", "Topic": "y"]) == "y")
        #expect(try template.render([" TOPIC ": "z"]) == "z")
    }

    @Test func `What is no text stands as JSON, null as nothing`() throws {
        let template = try PromptTemplate(parsing: "{{n}}|{{list}}|{{none}}|{{flag}}")
        #expect(
            try template.render(["n": 1.50, "list": [1, "a"], "none": nil, "flag": true])
                == #"1.5|[1,"a"]||true"#)
    }

    @Test func `A column that is not there is named`() throws {
        let template = try PromptTemplate(parsing: "{{a}}")
        #expect(
            throws: RowFault(
                "the prompt template names the column 'a', which is not there; the columns are: b, c")
        ) {
            try template.render(["b": "1", "c": "2"])
        }
    }

    @Test(arguments: [
        ("Hello {{name", "the prompt template is broken at character 7: '{{' is never closed with '}}'"),
        (
            "one\ntwo {{ }}",
            "the prompt template is broken at its line 2, character 5: '{{}}' names no column"
        ),
        ("{{a {{b}}", "the prompt template is broken at character 1: '{{' is never closed with '}}'"),
    ])
    func `A broken template is refused with its place`(text: String, sentence: String) {
        #expect(throws: TemplateError.self) { try PromptTemplate(parsing: text) }
        do { _ = try PromptTemplate(parsing: text) } catch { #expect(error.description == sentence) }
    }

    @Test func `A single brace is text`() throws {
        #expect(try PromptTemplate(parsing: "{a} }} {").render([:]) == "{a} }} {")
    }
}
