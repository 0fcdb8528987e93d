import ParleyCore
import ProviderStack

/// Counts what the rows of a sheet would send, row by row as they are read.
struct DryRunTally {
    private let requests: JobRequest
    private(set) var models: [DryRunReport.ModelShare] = []
    private var places: [ModelName: Int] = [:]

    init(requests: JobRequest) { self.requests = requests }

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
        models[place].jobs += 1
        models[place].inputTokens += TokenEstimate.of(request).tokens
        if let limit = request.maxTokens {
            models[place].outputTokensMax += limit
        } else {
            models[place].jobsWithoutLimit += 1
        }
    }
}

extension DryRunReport.ModelShare {
    /// With what the tokens cost at most, at the plain rates: the tiers for long prompts go by the single request, and
    /// this is a sum.
    func priced(by price: Price?) -> Self {
        guard let rates = price?.rates else { return self }
        var share = self
        share.costMax = rates.input * inputTokens + rates.output * outputTokensMax
        return share
    }
}
