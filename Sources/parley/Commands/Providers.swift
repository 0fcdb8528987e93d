import ArgumentParser
import ParleyCore
import ProviderStack
import UsageReport

/// `parley providers`: who can be asked.
struct Providers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who can be asked: list, check.", subcommands: [ProvidersList.self, ProvidersCheck.self])
}

/// `parley providers list`: the catalogue and the user's own, and whether each has its key.
struct ProvidersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the providers: where they are, whether their keys are set, which roles ask them.",
        discussion:
            "Offline: whether it can be asked with --offline. Nothing is asked; `parley providers check` does. "
            + "With -v the rules of their prompt caches come after it."
    )

    @OptionGroup var global: GlobalOptions

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let catalogue = Catalogue.with(workspace.config)
        let providers = catalogue.names.compactMap { name in
            catalogue.provider(ProviderName(name)).map {
                Listing($0, environment: workspace.environment, config: workspace.config)
            }
        }
        if json { return workspace.screen.result(JSON.array(providers.map(\.json)).text() + "\n") }
        let table = TextTable(
            columns: ["provider", "dialect", "base URL", "key", "offline", "asked as", "ways of its own"]
                .map { TextTable.Column($0) },
            rows: providers.map { provider in
                [
                    provider.entry.name.text, provider.entry.dialect.rawValue, provider.baseURL,
                    provider.keyText, provider.worksOffline ? "yes" : "no",
                    provider.uses.joined(separator: ", "), provider.ways.joined(separator: ", "),
                ]
            })
        workspace.screen.result(table.text)
        guard global.verbose else { return }
        workspace.screen.result("\nPrompt caches\n" + PromptCacheText.table(providers.map(\.entry)).text)
    }

    struct Listing {
        let entry: ProviderEntry
        let baseURL: String
        let isKeySet: Bool
        let worksOffline: Bool
        /// The roles of the settings that ask it.
        let uses: [String]

        init(_ entry: ProviderEntry, environment: [String: String], config: ConfigFile = ConfigFile()) {
            self.entry = entry
            baseURL =
                entry.isInProcess(environment: environment)
                ? "in process" : entry.shownURL(in: environment)
            isKeySet = entry.isKeySet(in: environment)
            worksOffline = entry.worksOffline(environment: environment)
            var seen: Set<String> = []
            uses = config.uses.filter { $0.model.provider == entry.name }.map(\.by).filter {
                seen.insert($0).inserted
            }
        }

        var keyText: String {
            guard let variable = entry.keyVariable else { return "none needed" }
            if isKeySet { return "\(variable) is set" }
            return entry.needsKey ? "\(variable) is missing" : "none needed"
        }

        /// Where it departs from its dialect.
        var ways: [String] {
            entry.quirks.words
                + (entry.headers.isEmpty
                    ? [] : ["headers \(entry.headers.keys.sorted().joined(separator: " "))"])
        }

        var json: JSON {
            [
                "provider": .string(entry.name.text), "dialect": .string(entry.dialect.rawValue),
                "base_url": .string(baseURL), "key_variable": .init(entry.keyVariable),
                "key_needed": .bool(entry.needsKey), "key_set": .bool(isKeySet),
                "base_url_variable": .string(entry.baseURLVariable), "local": .bool(entry.isLocal),
                "offline": .bool(worksOffline), "roles": .array(uses.map { .string($0) }),
                "quirks": .array(ways.map { .string($0) }),
                "prompt_cache": .array(entry.promptCacheRows.map(\.json)),
            ]
        }
    }
}

extension ProviderEntry {
    /// The address, or what the user's variable says of it.
    func shownURL(in environment: [String: String]) -> String {
        environment[baseURLVariable].flatMap { $0.isBlank ? nil : $0 } ?? baseURL
    }

    func isKeySet(in environment: [String: String]) -> Bool {
        keyVariable.map { !(environment[$0] ?? "").isBlank } ?? false
    }
}
