import ArgumentParser
import BatchExecutor
import ConversationStore
import ParleyCore
import ProviderStack
import UsageReport

/// `parley run`: asks what is queued, until all is answered or it is stopped.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask what is queued; a file is enqueued first.",
        discussion: """
            The same command again goes on where it stopped: what is answered is never asked again. Ctrl-C lets the \
            requests in the air finish, a second Ctrl-C ends at once; nothing is lost either way.

            Exit status: 0 all done, 2 some jobs failed, 3 stopped early (budget, or no provider can be used), \
            129, 130 or 143 stopped by a signal. SIGUSR1 makes it say where it stands.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp("Files or batches; without any, every open batch.", valueName: "file|batch"))
    var targets: [String] = []

    @OptionGroup(title: "How it is run") var options: RunOptions

    @OptionGroup(title: "What is asked once") var reuse: ReuseOptions

    @OptionGroup var offline: OfflineOption

    @OptionGroup(title: "What is asked, for files") var ingest: IngestOptions

    @Flag(help: "End with one JSON object on standard output.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let targets = RunTargets(targets)
        if targets.files.isEmpty, let option = ingest.firstGiven {
            throw CommandFailure.usage(
                "--\(option) holds for files only; a batch keeps what it was enqueued with")
        }
        let sheets = try SheetBuilder(
            options: ingest, config: workspace.config, catalogue: .with(workspace.config),
            warn: { workspace.screen.say($0) }
        ).sheets(for: targets.files)
        let roster = ProviderRoster(
            config: workspace.config, environment: workspace.environment,
            connectionsMax: RunSettings.concurrencyMax,
            watch: ConnectivityWatch(isChosen: offline.isChosen(workspace.config), time: workspace.time),
            onOffline: {
                workspace.screen.say("Nothing outside answers: only local providers are asked.")
            })
        let outcome: RunOutcome
        let continuation: Continuation
        do {
            for sheet in sheets { try roster.admit(sheet) }
            (outcome, continuation) = try await workspace.withStore(.writing) { store in
                try await work(store, workspace, roster, sheets, targets.batches)
            }
            await roster.close()
        } catch {
            await roster.close()
            throw error
        }
        tell(outcome, continuation, on: workspace.screen)
        guard outcome.status == .done else { throw ExitCode(outcome.status.rawValue) }
    }

    private func work(
        _ store: Store, _ workspace: Workspace, _ roster: ProviderRoster, _ sheets: [JobSheet],
        _ names: [String]
    ) async throws -> (RunOutcome, Continuation) {
        var batches: [BatchRecord] = []
        for name in names { batches.append(try await store.requireUnpruned(named: name)) }
        let ingestOptions = Ingest.Options(
            skipsBadRows: ingest.skipBadRows, catalogue: roster.catalogue)
        for sheet in sheets {
            let report = try await Ingest.enqueue(
                sheet, into: store, options: ingestOptions, now: workspace.time.now)
            for line in report.lines + PrefixAdviceText.lines(report.advice) { workspace.screen.say(line) }
            batches.append(try await store.requireBatch(named: report.batch))
        }
        let chosen = names.isEmpty && sheets.isEmpty ? nil : batches
        let screen = workspace.screen
        let settings = options.settings(for: batches.map(\.settings.limits), reuse: reuse.said())
        let continuation = Continuation(
            settings: settings, isOfAll: self.targets.isEmpty,
            isOffline: offline.offline, database: global.database, config: global.config)
        let show = ProgressShow(screen: screen, title: RunTargets.title(of: chosen?.map(\.name)))
        let run = { (onEvent: (@Sendable (RunEvent) -> Void)?) in
            let runner = BatchRunner(
                store: store, providers: roster, settings: settings, time: workspace.time,
                logger: workspace.logger, onProgress: { show.update($0) }, onEvent: onEvent)
            return try await SignalledRun(runner: runner, screen: screen, show: show).run(chosen)
        }
        var outcome =
            try await screen.log == .text ? run(nil) : telling(continuation, on: workspace, run)
        show.end()
        outcome.statuses = try await store.status(of: chosen.map { $0.map(\.name) })
        return (outcome, continuation)
    }

    /// Writes the events of a run beside it, to the last one.
    private func telling(
        _ continuation: Continuation, on workspace: Workspace,
        _ run: ((@Sendable (RunEvent) -> Void)?) async throws -> RunOutcome
    ) async throws -> RunOutcome {
        let screen = workspace.screen
        let pipe = EventPipe(time: workspace.time)
        async let writing: Void = pipe.work { event, moment in
            screen.emit(EventLine(event, next: { continuation.command(after: $0) }), at: moment)
        } onDropped: { count in
            screen.emit(.dropped(count))
        }
        do {
            let outcome = try await run { pipe.take($0) }
            pipe.finish()
            await writing
            return outcome
        } catch {
            pipe.finish()
            await writing
            throw error
        }
    }

    private func tell(_ outcome: RunOutcome, _ continuation: Continuation, on screen: Screen) {
        if screen.log == .text {
            let text = RunSummaryText(
                outcome: outcome, continuation: continuation.command(after: outcome.summary))
            let width = screen.terminal.isInteractive ? screen.terminal.width : .max
            for line in text.lines(screen.style, width: width) { screen.say(line) }
        }
        if json { screen.result(outcome.summary.json.text() + "\n") }
    }
}

/// What the arguments of `run` mean: a file that is there, a name that looks like a file's, or a batch.
struct RunTargets: Equatable {
    private(set) var files: [String] = []
    private(set) var batches: [String] = []

    private static let endings = ["csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "yaml", "yml"]

    init(_ targets: [String], isFile: (String) -> Bool = RunTargets.isFile) {
        for target in targets {
            let ending = target.contains(".") ? target.split(separator: ".").last?.lowercased() ?? "" : ""
            let looksLikeFile = target == "-" || target.contains("/") || Self.endings.contains(ending)
            if looksLikeFile || isFile(target) { files.append(target) } else { batches.append(target) }
        }
    }

    /// What a panel calls the run.
    static func title(of names: [String]?) -> String {
        guard let names else { return "all batches" }
        return names.count <= 3 ? names.joined(separator: ", ") : Figures.count(names.count, "batch")
    }
}
