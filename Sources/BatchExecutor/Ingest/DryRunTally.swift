import ParleyCore

/// Counts what the rows of a sheet would send, row by row as they are read.
struct DryRunTally {
    private let requests: JobRequest
    private(set) var models: [DryRunReport.ModelShare] = []
    private var places: [ModelName: Int] = [:]
    private var lastSystem: (text: String, characters: Int)?

    init(requests: JobRequest) { self.requests = requests }

    var jobs: Int { models.reduce(0) { $0 + $1.jobs } }

    mutating func add(_ chunk: DraftChunk) throws {
        try chunk.bytes.withUnsafeBufferPointer { bytes in
            for row in chunk.rows {
                let input = try JSON(parsing: UnsafeBufferPointer(rebasing: bytes[row.input]))
                let system = row.system.map { String(decoding: bytes[$0], as: UTF8.self) }
                add(try requests.request(input: input, rowSystem: system))
            }
        }
    }

    private mutating func add(_ request: CompletionRequest) {
        let place =
            places[request.model]
            ?? {
                models.append(DryRunReport.ModelShare(model: request.model))
                places[request.model] = models.count - 1
                return models.count - 1
            }()
        let characters =
            charactersOfSystem(request.system)
            + request.messages.reduce(0) { $0 + $1.content.unicodeScalars.count }
        models[place].jobs += 1
        models[place].inputTokens +=
            (characters + DryRunReport.charactersPerToken - 1) / DryRunReport.charactersPerToken
        if let limit = request.maxTokens {
            models[place].outputTokensMax += limit
        } else {
            models[place].jobsWithoutLimit += 1
        }
    }

    /// A batch's rows mostly share one long prompt, which need not be counted for each.
    private mutating func charactersOfSystem(_ system: String?) -> Int {
        guard let system else { return 0 }
        if let lastSystem, lastSystem.text == system { return lastSystem.characters }
        let characters = system.unicodeScalars.count
        lastSystem = (system, characters)
        return characters
    }

    /// The shares with their costs; `price` is asked once for each model.
    func priced(_ price: (ModelName) throws -> Price?) rethrows -> [DryRunReport.ModelShare] {
        try models.map { share in
            var share = share
            share.costMax = try price(share.model).map {
                Self.cost(inputTokens: share.inputTokens, outputTokens: share.outputTokensMax, at: $0.rates)
            }
            return share
        }
    }

    /// At the plain rates: the tiers for long prompts go by the single request, and this is a sum.
    private static func cost(inputTokens: Int, outputTokens: Int, at rates: Price.Rates) -> Picodollars {
        rates.input * inputTokens + rates.output * outputTokens
    }
}
