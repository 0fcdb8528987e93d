import ParleyCore

extension PromptLibrary {
    /// The prompts that parley comes with.
    ///
    /// Each puts the row's text between tags, so that a model can tell what it is asked from what it is given, and says what
    /// to answer when the text does not allow an answer.
    public static let builtIn = PromptLibrary(BuiltInPrompts.all)
}

private enum BuiltInPrompts {
    static let all = [
        prompt(
            "summarize", "a text in three sentences",
            system: """
                You summarize texts. Keep names, figures and dates; add nothing that the text does not say. Write in the \
                language of the text.
                """,
            """
            Summarize the text in at most three sentences.

            <text>
            {{text}}
            </text>
            """),
        prompt(
            "classify", "a text by one of your labels",
            system:
                "You sort texts. Answer with one of the labels, exactly as it is written, and nothing else.",
            """
            Which of these labels fits the text best? If none fits, answer: other

            <labels>
            {{labels}}
            </labels>

            <text>
            {{text}}
            </text>
            """),
        prompt(
            "extract-json", "named fields of a text as a JSON object",
            system: """
                You take facts out of texts. Answer with one JSON object that has exactly the fields that are asked for, and \
                nothing else. A field that the text says nothing about is null; never guess.
                """,
            """
            Fields: {{fields}}

            <text>
            {{text}}
            </text>
            """),
        prompt(
            "translate", "a text into a language",
            system: """
                You translate texts. Keep the meaning, the tone, names, figures and the layout. Answer with the translation \
                and nothing else.
                """,
            """
            Translate the text into {{language}}.

            <text>
            {{text}}
            </text>
            """),
        prompt(
            "rewrite", "a text in another style",
            system: """
                You rewrite texts in their own language. Keep every fact; add none. Answer with the new text and nothing else.
                """,
            """
            Rewrite the text so that it is: {{style}}

            <text>
            {{text}}
            </text>
            """),
    ]

    private static func prompt(
        _ name: String, _ summary: String, system: String, _ prompt: String
    ) -> NamedPrompt {
        do {
            return try NamedPrompt(
                name: name, summary: summary, system: system, prompt: prompt, origin: .builtIn)
        } catch {
            preconditionFailure("the built-in prompt \(name) is broken: \(error)")
        }
    }
}
