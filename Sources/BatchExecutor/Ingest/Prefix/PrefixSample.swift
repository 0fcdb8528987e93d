import ParleyCore
import ProviderStack

/// The first rows of a batch, as far as it shows in them how its prompts begin.
struct PrefixSample {
    /// So many rows are looked at: what keeps prompts from beginning alike shows in any two of them.
    static let rowsMax = 16

    private let requests: JobRequest
    private var systems: [String?] = []
    /// Of the first row.
    private(set) var model: ModelName?

    init(requests: JobRequest) { self.requests = requests }

    mutating func add(_ chunk: DraftChunk) {
        guard systems.count < Self.rowsMax else { return }
        for row in chunk.rows.prefix(Self.rowsMax - systems.count) {
            guard let input = try? JSON(parsing: Array(chunk.bytes[row.input])),
                let request = try? requests.request(input: input, rowSystem: row.system.map { chunk[$0] })
            else { continue }
            systems.append(request.system)
            model = model ?? request.model
        }
    }

    /// - Parameters:
    ///   - catalogue: whose entries know the rules of the caches.
    ///   - price: of ``model``; nil = unpriced.
    func advice(
        jobs: Int, catalogue: Catalogue = .builtIn, price: Price?, at now: Timestamp
    ) -> PrefixAdvice {
        guard let system = systems.first, let model else { return PrefixAdvice() }
        let template = requests.settings.promptTemplate
        let areAlike = systems.allSatisfy { $0 == system }
        var marks: [PrefixAdvice.Mark] = []
        if areAlike {
            marks = StampScanner(system ?? "").fresh(at: now).map { .init(source: .system, stamp: $0) }
        } else if let stamp = onlyDifference {
            marks = [.init(source: .rowSystems, stamp: stamp)]
        }
        let head = template.map { text in
            text.firstRange(of: "{{").map { String(text[..<$0.lowerBound]) } ?? text
        }
        marks += StampScanner(head ?? "").fresh(at: now).map { .init(source: .template, stamp: $0) }
        // Where system prompts differ nothing after them is shared, however it is laid out.
        let late =
            areAlike
            ? template.flatMap {
                PrefixAdvice.LatePart(
                    template: $0, system: system, jobs: jobs, model: model,
                    rules: .rules(for: model, entry: catalogue.provider(model.provider)), price: price)
            } : nil
        return PrefixAdvice(latePart: late, marks: marks)
    }

    /// The stamp in which alone the rows' system prompts differ.
    private var onlyDifference: PromptStamp? {
        let scanners = systems.map { StampScanner($0 ?? "") }
        guard let first = scanners.first, let other = scanners.first(where: { $0.text != first.text }) else {
            return nil
        }
        let masked = first.masked
        guard scanners.allSatisfy({ $0.masked == masked }) else { return nil }
        return first.first(differingFrom: other)
    }
}
