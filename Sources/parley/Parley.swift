import ArgumentParser
import ParleyCore

/// The program: its commands, and nothing else.
struct Parley: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parley",
        abstract: "Asks language models many questions, keeps every answer, and says what it cost.",
        discussion: """
            Two commands from a spreadsheet to its answers:

              parley run questions.csv -m openai/gpt-5.4-mini
              parley results questions -O answers.csv

            Results go to standard output, everything else to standard error. Every option can also be given by a variable: \
            PARLEY_MAX_TOKENS for --max-tokens, PARLEY_RUN_RPM for the --rpm of run only.
            """,
        version: Parley.versionText,
        groupedSubcommands: [
            CommandGroup(name: "Asking", subcommands: [Enqueue.self, Run.self, Status.self, Results.self]),
            CommandGroup(
                name: "Steering", subcommands: [Retry.self, Pause.self, Unpause.self, Cancel.self]),
            CommandGroup(
                name: "Conversations",
                subcommands: [Chat.self, Resume.self, Sessions.self, ToolResultCommand.self, Tools.self]),
            CommandGroup(name: "Looking closer", subcommands: [Failures.self, Prompts.self]),
            CommandGroup(name: "Money", subcommands: [Report.self, Prices.self]),
            CommandGroup(
                name: "Housekeeping", subcommands: [Providers.self, Database.self, Simulate.self]),
        ])

    static let versionText = "\(Release.name) \(Release.version)"
}
