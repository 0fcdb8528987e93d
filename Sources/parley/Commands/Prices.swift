import ArgumentParser
import ConversationStore
import Foundation
import ParleyCore
import UsageReport

/// `parley prices`: what tokens cost.
struct Prices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What tokens cost: list, show, import.",
        subcommands: [PricesList.self, PricesShow.self, PricesImport.self])
}

/// `parley prices list`: what every model costs now.
struct PricesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what models cost now, in dollars for a million tokens.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Only models with this in their name.", valueName: "text"))
    var part: String?

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let book = try await workspace.priceBook()
        let prices = book.models
            .filter { model in part.map { model.description.localizedCaseInsensitiveContains($0) } ?? true }
            .compactMap { book.price(of: $0, at: workspace.time.now) }
        if json { return workspace.screen.result(JSON.array(prices.map(\.json)).text() + "\n") }
        workspace.screen.result(PriceTable.table(prices, titled: "model") { $0.model.description }.text)
        let sources = Set(prices.map(\.source)).sorted().joined(separator: "; ")
        workspace.screen.say(
            "In dollars for a million tokens. Sources: \(sources.isEmpty ? "none" : sources).")
    }
}

/// `parley prices show`: what one model costs, and has cost.
struct PricesShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what one model costs and has cost.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Written provider/model.", transform: ModelName.given)
    var model: ModelName

    @Flag(help: "One JSON array.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let book = try await workspace.priceBook()
        let history = book.history(of: model)
        guard !history.isEmpty else {
            let near = NearestName.of(model.description, among: book.models.map(\.description))
            throw CommandFailure(
                "\(model) has no price"
                    + (near.map { "; did you mean \($0)?" } ?? "; `parley prices import FILE` adds prices"))
        }
        if json { return workspace.screen.result(JSON.array(history.map(\.json)).text() + "\n") }
        workspace.screen.result(
            PriceTable.table(history, titled: "from") { String($0.effectiveFrom.iso8601.prefix(10)) }.text)
        workspace.screen.say("In dollars for a million tokens. Source: \(history.last?.source ?? "").")
    }
}

/// `parley prices import`: takes LiteLLM's price map.
struct PricesImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take prices from LiteLLM's model_prices_and_context_window.json.",
        discussion: "What was asked before keeps the price it was charged with.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The file.")
    var file: String

    @Option(help: ArgumentHelp("From when on the prices hold (default: today).", valueName: "date"))
    var effectiveFrom: String = "today"

    @Option(help: ArgumentHelp("Where the figures come from (default: the file's name).", valueName: "text"))
    var source: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let workspace = try Workspace(global)
        let period: ReportPeriod
        do {
            period = try ReportPeriod(since: effectiveFrom, until: nil, now: workspace.time.now, zone: .utc)
        } catch { throw CommandFailure.usage("\(error)") }
        let map = try read(
            source: source ?? (file as NSString).lastPathComponent,
            effectiveFrom: period.since ?? workspace.time.now)
        try await workspace.withStore(.writing) { try await $0.add(prices: map.prices) }
        if json { return workspace.screen.result(map.json.text() + "\n") }
        for line in map.lines { workspace.screen.say(line) }
    }

    private func read(source: String, effectiveFrom: Timestamp) throws -> LiteLLMPrices {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw CommandFailure("\(file): there is no such file, or it cannot be read")
        }
        do {
            let map = try LiteLLMPrices(
                map: JSON(parsing: Array(bytes)), source: source, effectiveFrom: effectiveFrom)
            guard !map.prices.isEmpty else { throw CommandFailure("\(file): there is no price in it") }
            return map
        } catch let error as JSONSyntaxError {
            let (line, column) = error.location(in: bytes)
            throw CommandFailure("\(file), line \(line), column \(column): this is not JSON: \(error.reason)")
        } catch let error as LiteLLMPricesError {
            throw CommandFailure("\(file): \(error)")
        }
    }
}

extension LiteLLMPrices {
    /// What was taken and what was left out, for people.
    var lines: [String] {
        let left = Reason.allCases.compactMap { reason in
            skipped[reason].map { "\(Figures.grouped($0)) left out: \(reason.rawValue)" }
        }
        let wrong = problems.isEmpty ? [] : ["\(Figures.count(problems.count, "entry")) could not be read:"]
        return ["\(Figures.count(prices.count, "price")) taken"] + left + wrong
            + problems.prefix(5).map { "  \($0)" }
    }

    var json: JSON {
        [
            "prices": .int(prices.count), "not_for_text": .int(skipped[.notForText] ?? 0),
            "no_price": .int(skipped[.noPrice] ?? 0), "problems": .array(problems.map { .string($0) }),
        ]
    }
}
