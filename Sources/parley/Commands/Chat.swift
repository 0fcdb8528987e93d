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

    @OptionGroup(title: "Which conversation, and who answers") var options: ChatOptions

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: ArgumentHelp("A text file that goes with the question; may be repeated.", valueName: "file"))
    var file: [String] = []

    @OptionGroup var offline: OfflineOption

    @Flag(help: "Queue the question as a job instead of asking it; `parley run` asks it.")
    var queue = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The batch that --queue adds to (default: chat-SESSION).", valueName: "name"))
    var batch: String?

    @Flag(help: "End with one JSON object on standard output.")
    var json = false

    func validate() throws {
        if queue, !options.continues, options.session == nil {
            throw ValidationError("--queue adds to a conversation: name it with --continue or --session")
        }
        if batch != nil, !queue { throw ValidationError("--batch goes with --queue") }
    }

    func run() async throws {
        let workspace = try Workspace(global)
        let attachments: [Attachment]
        let text: String?
        do throws(AttachmentError) {
            attachments = try Attachment.read(file)
            let piped =
                Terminal.isTypedAt || file.contains("-") ? nil : try Self.piped(hintingOn: workspace.screen)
            text = PromptAssembly.text(piped: piped, attachments: attachments, prompt: prompt)
        } catch {
            throw CommandFailure(error.description)
        }
        let isConversation = prompt == nil && Terminal.isTypedAt
        if isConversation, json || queue {
            throw CommandFailure.usage("--\(json ? "json" : "queue") needs a prompt")
        }
        guard isConversation || text != nil else {
            throw CommandFailure.usage("nothing is asked: the prompt is empty")
        }
        let choice = SessionChoice(
            options: options, config: workspace.config, warn: { workspace.screen.say($0) })
        try choice.checkTools()
        let reader = workspace.lineReader(isConversation: isConversation)
        let status = try await ChatDesk.open(
            workspace, offline: offline, streams: !options.noStream,
            confirmer: reader.map { Confirmer(screen: workspace.screen, reader: $0) }
        ) { desk in
            if isConversation, let reader {
                return try await talk(desk, reader, choice, attachments)
            }
            return try await askOnce(text ?? "", at: desk, choice)
        }
        reader?.close()
        guard status == .done else { throw ExitCode(status.rawValue) }
    }

    /// After that long it is said what is waited for: whoever calls from a script may have left standard input open.
    private static let hintAfterMilliseconds: Int32 = 2000

    private static func piped(hintingOn screen: Screen) throws(AttachmentError) -> String {
        if !PipedText.isReady(withinMilliseconds: hintAfterMilliseconds) {
            screen.say(
                "Standard input is read to its end first; give it `< /dev/null` if there is nothing in it.")
        }
        return try PipedText.read()
    }

    private func talk(
        _ desk: ChatDesk, _ reader: any LineReader, _ choice: SessionChoice, _ attachments: [Attachment]
    ) async throws -> ExitStatus {
        var talk = Talk(
            desk: desk, reader: reader, show: show(at: desk), choice: choice,
            place: try await choice.place(at: desk), attachments: attachments)
        talk.farewell.database = global.database
        talk.farewell.config = global.config
        return try await talk.run()
    }

    private func askOnce(_ text: String, at desk: ChatDesk, _ choice: SessionChoice) async throws
        -> ExitStatus
    {
        let place = try await choice.place(at: desk)
        if queue, case .existing(let id) = place {
            let session = try await desk.store.requireSession(id)
            let ticket = try await ChatQueue(store: desk.store).add(text, after: session, to: batch)
            if json { desk.screen.result(ticket.json.text() + "\n") }
            desk.screen.say(ticket.sentence)
            return .done
        }
        let goesOn = options.continues || options.session != nil
        let question = Question(text, in: place.titled(prompt), expectsMore: goesOn)
        let (desk, show) = (desk, json ? nil : show(at: desk))
        let ask = { @Sendable in
            try await desk.stops.stoppable { try await desk.runner.ask(question) { show?.take($0) } }
        }
        let exchange = if let show { try await show.following(ask) } else { try await ask() }
        var farewell = Farewell(questions: 1)
        farewell.database = global.database
        farewell.config = global.config
        return desk.end(exchange, farewell, isJSON: json)
    }

    private func show(at desk: ChatDesk) -> AnswerShow {
        AnswerShow(
            screen: desk.screen, time: desk.workspace.time, showsReasoning: global.verbose ? true : nil,
            streams: !options.noStream)
    }
}
