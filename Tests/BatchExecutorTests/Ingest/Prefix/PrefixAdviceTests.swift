import ConversationStore
import Foundation
import OrderedCollections
import ParleyCore
import ProviderStack
import Testing

@testable import BatchExecutor

@Suite struct PrefixAdviceTests {
    private static let now = Timestamp(milliseconds: 1_795_262_400_000)
    private static let model = ModelName("openai/gpt")!
    /// 1,500 tokens.
    private static let rules = "You sort tickets." + String(repeating: " Rule.", count: 997)
    private static let price = Price(
        model: model, effectiveFrom: now,
        rates: Price.Rates(input: Picodollars(100), output: Picodollars(1), cacheRead: Picodollars(10)),
        source: "test")

    private func late(
        _ template: String, system: String? = nil, jobs: Int = 1001, model: ModelName = model,
        price: Price? = price
    ) -> PrefixAdvice.LatePart? {
        PrefixAdvice.LatePart(
            template: template, system: system, jobs: jobs, model: model, rules: .rules(for: model),
            price: price)
    }

    @Test func `A long part behind a variable is named with its place and what moving it saves`() throws {
        let part = try #require(late("Ticket:\n{{ticket}} by {{who}}\n\(Self.rules)"))
        #expect(part.columns == ["ticket", "who"] && part.place == TextPlace(line: 2, column: 1))
        #expect(part.tokens == 1500 && part.opening == "You sort tickets. Rule. Rule. Rule. Rul…")
        // All but the first job read what was written by it: 1,503 tokens with the head, at 90 less each.
        #expect(part.saving == Picodollars(1502 * 90 * 1000))
        #expect(late("{{ticket}}\n\(Self.rules)", price: nil)?.saving == nil)
    }

    @Test func `What stands first, is short or would not be cached anyway is no matter`() {
        #expect(late("\(Self.rules)\n{{ticket}}") == nil)
        #expect(late("{{ticket}}\nIs it friendly? Say yes or no.") == nil)
        #expect(late("{{ticket}}\n" + Self.rules.prefix(2000)) == nil)
        #expect(late("{{ticket}}\n\(Self.rules)", jobs: 1) == nil)
        var plain = Self.price
        plain.rates.cacheRead = nil
        #expect(late("{{ticket}}\n\(Self.rules)", price: plain) == nil)
        #expect(late("no variable \(Self.rules)") == nil)
    }

    @Test func `Beside a system prompt that is cached already only the part itself is gained`() {
        let short = String(Self.rules.prefix(2000))
        #expect(late("{{t}}\n\(short)", system: Self.rules)?.saving == Picodollars(501 * 90 * 1000))
        // 700 + 501 tokens pass what is kept at least, so all of them are gained.
        #expect(
            late("{{t}}\n\(short)", system: String(Self.rules.prefix(2800)))?.saving
                == Picodollars(1201 * 90 * 1000))
    }

    @Test func `How long it must be depends on the model`() {
        let text = "{{t}}\n\(Self.rules)"
        #expect(late(text, model: ModelName("anthropic/claude-sonnet-5")!) != nil)
        #expect(late(text, model: ModelName("anthropic/claude-haiku-4-5")!) == nil)
    }

    @Test func `The user's own least length holds`() throws {
        var entry = try Catalogue.builtIn.entry("openai")
        entry.promptCache = PromptCacheOverride(tokensMin: 2000)
        let own = Catalogue.builtIn.adding([entry])
        #expect(try sample(template: "{{ticket}}\n\(Self.rules)").latePart != nil)
        #expect(try sample(template: "{{ticket}}\n\(Self.rules)", catalogue: own).latePart == nil)
    }

    private func sample(
        system: String? = nil, template: String? = nil, rowSystems: [String] = [],
        catalogue: Catalogue = .builtIn
    ) throws -> PrefixAdvice {
        let settings = BatchSettings(model: Self.model, system: system, promptTemplate: template)
        var sample = PrefixSample(requests: try JobRequest(settings: settings))
        var chunk = DraftChunk()
        for index in 0..<max(3, rowSystems.count) {
            var row: JSONObject = ["prompt": "p", "ticket": "t"]
            if !rowSystems.isEmpty { row["system"] = .string(rowSystems[index]) }
            let start = chunk.bytes.count
            chunk.bytes += JSON.object(row).bytes()
            chunk.rows.append(.init(key: start..<start, input: start..<chunk.bytes.count, line: index + 1))
        }
        sample.add(chunk)
        return sample.advice(jobs: 100, catalogue: catalogue, price: Self.price, at: Self.now)
    }

    @Test func `A stamp in the system prompt or at the template's beginning is pointed out`() throws {
        let advice = try sample(
            system: "It is 2026-11-21T10:00Z.",
            template: "Call 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n{{ticket}} 2026-11-21")
        #expect(advice.marks.map(\.source) == [.system, .template])
        #expect(advice.marks.map(\.stamp.kind) == [.time, .identifier])
        #expect(advice.latePart == nil)
    }

    @Test func `Rows whose system prompts differ in a stamp only are told so, others are not`() throws {
        let advice = try sample(rowSystems: (0..<3).map { "At 2020-01-01T10:00:0\($0)Z. \(Self.rules)" })
        #expect(advice.marks.map(\.source) == [.rowSystems])
        #expect(advice.marks.first?.stamp.tokensAfter == 1501)
        #expect(try sample(rowSystems: ["Be brief.", "Be kind.", "Be brief."]).isEmpty)
        #expect(try sample(rowSystems: ["Be brief.", "Be brief.", "Be brief."]).isEmpty)
        let late = try sample(template: "{{ticket}}\n\(Self.rules)", rowSystems: ["a", "b", "c"])
        #expect(late.isEmpty)
        #expect(try sample(template: "{{ticket}}\n\(Self.rules)").latePart != nil)
    }

    @Test(arguments: PromptLibrary.builtIn.names)
    func `What parley lays out itself stands in the right order`(name: String) throws {
        let prompt = try #require(PromptLibrary.builtIn.all.first { $0.name == name })
        #expect(late(prompt.prompt, system: prompt.system) == nil)
        for text in [prompt.prompt, prompt.system ?? ""] {
            #expect(StampScanner(text).fresh(at: Self.now) == [])
        }
    }

    @Test(arguments: ["capitals.yaml", "support-triage.yaml", "translate.openai-batch.jsonl"])
    func `No example warns`(name: String) async throws {
        let root = URL(filePath: #filePath).pathComponents.dropLast(5).joined(separator: "/").dropFirst()
        let folder = try Folder()
        let store = try await Store.open(at: folder.path + "/parley.db")
        let sheet = try JobSheet.gathered(files: ["\(root)/jobs/\(name)"])
        #expect(try await Ingest.dryRun(sheet, into: store).advice.isEmpty)
        #expect(try await Ingest.enqueue(sheet, into: store).advice.isEmpty)
    }
}
