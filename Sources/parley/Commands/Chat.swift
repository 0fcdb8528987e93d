import ArgumentParser
import ConversationStore
import Conversations
import ParleyCore

/// `parley chat`: one answer, or a conversation.
struct Chat: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a model one thing, or talk with it.",
        discussion: """
            With a PROMPT, or with something on standard input, one answer goes to standard output:

              parley chat "What is the capital of France?"
              cat build.log | parley chat "What broke?"

            Without either, a conversation begins; /help lists what can be done in it. All that is said is stored at \
            once: whatever ends the program, `parley resume` goes on.

            Exit status: 0 answered, 2 the model failed, 3 the answer waits for tools or nobody can be asked, \
            129, 130 or 143 stopped by a signal.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("What is asked.", valueName: "prompt"))
    var prompt: String?

    @OptionGroup(title: "Which conversation") var options: ChatOptions

    @OptionGroup var offline: OfflineOption

    @Flag(help: "End with one JSON object on standard output.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let choice = SessionChoice(
            options: options, config: workspace.config, warn: { workspace.screen.say($0) })
        let status = try await ChatDesk.open(
            workspace, offline: offline, streams: !options.noStream
        ) { desk in
            guard let prompt else { throw CommandFailure.usage("nothing is asked") }
            let question = Question(prompt, in: try await choice.place(in: desk.store), expectsMore: false)
            let show = ExchangeShow(screen: desk.screen, isSilent: json)
            let exchange = try await desk.stops.stoppable {
                try await desk.runner.ask(question) { show.hear($0) }
            }
            show.end(exchange)
            if json { desk.screen.result(exchange.answer.json.text() + "\n") }
            desk.bidFarewell(exchange.bill, session: exchange.session)
            return exchange.status(after: desk.stops.signal)
        }
        guard status == .done else { throw ExitCode(status.rawValue) }
    }
}
