import ArgumentParser
import OrderedCollections
import ParleyCore
import ProviderStack
import UsageReport

/// `parley providers check`: can they be asked, just now?
struct ProvidersCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find out whether providers can be reached, take their keys, and have their models.",
        discussion: """
            Without a name every provider that has a key or that the settings name, with the models of the roles. No model is \
            asked anything, so it costs nothing. What cannot be found out is said and does not count.

            Exit status: 0 all that were checked can be asked, 3 one cannot, or there is none to check.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Providers, or models written provider/model.", valueName: "provider|model"))
    var names: [String] = []

    @OptionGroup var offline: OfflineOption

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let isOffline = offline.isChosen(workspace.config)
        let catalogue = Catalogue.with(workspace.config)
        let targets = try CheckTargets(
            catalogue: catalogue, config: workspace.config, environment: workspace.environment,
            isOffline: isOffline
        ).targets(for: names)
        let reports = await Self.reports(
            on: targets, catalogue: catalogue, environment: workspace.environment, isOffline: isOffline)
        if json {
            workspace.screen.result(JSON.array(reports.map(\.json)).text() + "\n")
        } else {
            workspace.screen.result(reports.map(\.text).joined(separator: "\n"))
        }
        guard !reports.isEmpty else {
            throw CommandFailure(
                isOffline
                    ? "there is no local provider in the settings; name one, such as ollama"
                    : "no provider has its key set; name one, or see `parley providers list`",
                status: .stoppedEarly)
        }
        guard reports.allSatisfy(\.isUsable) else { throw ExitCode(ExitStatus.stoppedEarly.rawValue) }
    }

    /// All at once, in the order of their names.
    private static func reports(
        on targets: CheckTargets.Targets, catalogue: Catalogue, environment: [String: String], isOffline: Bool
    ) async -> [PreflightReport] {
        let http = HTTPTransport(limits: Preflight.limitsDefault)
        let preflight = Preflight(http: http)
        let reports = await withTaskGroup(of: (Int, PreflightReport).self) { group in
            for (index, target) in targets.enumerated() {
                guard let entry = catalogue.provider(target.key) else { continue }
                group.addTask {
                    let models = Array(target.value)
                    if isOffline, !entry.worksOffline(environment: environment) {
                        let words = OfflineError(provider: entry.name, isChosen: true).description
                        return (index, .unasked(entry, environment, .init(.reachable, .failed, words)))
                    }
                    if entry.isInProcess(environment: environment) {
                        return (index, .inProcess(entry, models))
                    }
                    do throws(ConfigurationError) {
                        let account = try ProviderAccount(entry: entry, environment: environment)
                        return (index, await preflight.check(account, models: models))
                    } catch {
                        let name = error.concernsKey ? PreflightReport.Step.Name.key : .reachable
                        return (
                            index, .unasked(entry, environment, .init(name, .failed, error.description))
                        )
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        await http.shutdown()
        return reports.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension PreflightReport {
    /// Nothing was sent: its key is missing, or it is not on this machine.
    fileprivate static func unasked(
        _ entry: ProviderEntry, _ environment: [String: String], _ step: Step
    ) -> PreflightReport {
        PreflightReport(
            provider: entry.name, baseURL: entry.shownURL(in: environment), steps: [step])
    }

    fileprivate static func inProcess(_ entry: ProviderEntry, _ models: [String]) -> PreflightReport {
        PreflightReport(
            provider: entry.name, baseURL: nil,
            steps: [.init(.reachable, .passed, "in process; its answers are simulated")]
                + models.map { .init(.model, .passed, "\($0) is simulated") })
    }

    fileprivate var text: String {
        var lines = ["\(provider)  \(baseURL ?? "in process")"]
        for step in steps {
            let name = step.name.rawValue
            let gap = String(repeating: " ", count: 11 - name.count)
            let time = step.time.map { "  \($0.milliseconds) ms" } ?? ""
            lines.append("  \(step.outcome.mark)  \(name)\(gap)\(step.words)\(time)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate var json: JSON {
        [
            "provider": .string(provider.text), "base_url": .init(baseURL), "usable": .bool(isUsable),
            "steps": .array(
                steps.map { step in
                    [
                        "step": .string(step.name.rawValue), "outcome": .string(step.outcome.rawValue),
                        "words": .string(step.words), "ms": step.time.map { .int($0.milliseconds) } ?? .null,
                    ]
                }),
        ]
    }
}

extension ConfigurationError {
    fileprivate var concernsKey: Bool {
        switch self {
        case .keyMissing, .keyUnusable: true
        case .unknownProvider, .baseURLUnusable: false
        }
    }
}

extension PreflightReport.Step.Outcome {
    fileprivate var mark: String {
        switch self {
        case .passed: "yes"
        case .unclear: "?  "
        case .failed: "no "
        }
    }
}
