public import ParleyCore
import ProviderStack

/// What an enqueue did.
public struct IngestReport: Sendable, Hashable {
    public var batch: String
    /// Jobs that were added.
    public var new: Int
    /// Rows that the batch held already.
    public var known: Int
    /// Rows that were left out because they cannot become jobs.
    public var invalid: Int
    /// All jobs of the files: ``new`` and ``known``.
    public var jobs: Int
    /// The first ``IngestError/problemsListedMax`` of the rows left out.
    public var problems: [FileProblem]
    /// What keeps the prompts from beginning alike; empty where nothing was added.
    public var advice: PrefixAdvice

    public init(
        batch: String, new: Int, known: Int, invalid: Int, jobs: Int, problems: [FileProblem] = [],
        advice: PrefixAdvice = PrefixAdvice()
    ) {
        self.advice = advice
        self.batch = batch
        self.new = new
        self.known = known
        self.invalid = invalid
        self.jobs = jobs
        self.problems = problems
    }

    /// The shape of `enqueue --json`.
    public var json: JSON {
        [
            "batch": .string(batch), "new": .int(new), "known": .int(known), "invalid": .int(invalid),
            "jobs": .int(jobs),
        ]
    }
}

/// What an enqueue would do, and about what running it would cost.
public struct DryRunReport: Sendable, Hashable {
    /// The share of one model.
    public struct ModelShare: Sendable, Hashable {
        public var model: ModelName
        public var jobs: Int
        /// Estimated: see ``DryRunReport/charactersPerToken``.
        public var inputTokens: Int
        /// The sum of the limits of the jobs that have one.
        public var outputTokensMax: Int
        /// Jobs without a limit on their answer: their output is not in any figure.
        public var jobsWithoutLimit: Int
        /// Nil = unpriced. The input, and the output as if every limit were used up; no cache is counted on.
        public var costMax: Picodollars?

        public init(
            model: ModelName, jobs: Int = 0, inputTokens: Int = 0, outputTokensMax: Int = 0,
            jobsWithoutLimit: Int = 0, costMax: Picodollars? = nil
        ) {
            self.model = model
            self.jobs = jobs
            self.inputTokens = inputTokens
            self.outputTokensMax = outputTokensMax
            self.jobsWithoutLimit = jobsWithoutLimit
            self.costMax = costMax
        }
    }

    /// How many characters are taken for one token.
    public static let charactersPerToken = TokenEstimate.bytesPerToken

    public var batch: String
    /// Rows that would become new jobs.
    public var new: Int
    /// Rows that the batch holds already.
    public var known: Int
    /// All jobs of the files: ``new`` and ``known``. The figures of ``models`` are for all of them.
    public var jobs: Int
    public var invalid: Int
    public var problems: [FileProblem]
    /// In the order of their first job.
    public var models: [ModelShare]
    /// What keeps the prompts from beginning alike.
    public var advice: PrefixAdvice

    public init(
        batch: String, new: Int, known: Int, invalid: Int, problems: [FileProblem], models: [ModelShare],
        advice: PrefixAdvice = PrefixAdvice()
    ) {
        self.advice = advice
        self.batch = batch
        self.new = new
        self.known = known
        jobs = new + known
        self.invalid = invalid
        self.problems = problems
        self.models = models
    }

    public var inputTokens: Int { models.reduce(0) { $0 + $1.inputTokens } }
    public var outputTokensMax: Int { models.reduce(0) { $0 + $1.outputTokensMax } }

    /// The sum of the models' costs; nil as soon as one of them is unpriced.
    public var costMax: Picodollars? {
        models.reduce(Picodollars.zero) { sum, share in sum.flatMap { sum in share.costMax.map { sum + $0 } }
        }
    }

    /// The shape of `enqueue --dry-run --json`.
    public var json: JSON {
        [
            "batch": .string(batch), "new": .int(new), "known": .int(known), "invalid": .int(invalid),
            "jobs": .int(jobs), "input_tokens": .int(inputTokens), "output_tokens_max": .int(outputTokensMax),
            "cost_usd_max": .init(costMax?.dollars),
            "models": .array(models.map(\.json)),
        ]
    }
}

extension DryRunReport.ModelShare {
    var json: JSON {
        [
            "model": .string(model.description), "jobs": .int(jobs), "input_tokens": .int(inputTokens),
            "output_tokens_max": .int(outputTokensMax), "jobs_without_limit": .int(jobsWithoutLimit),
            "cost_usd_max": .init(costMax?.dollars),
        ]
    }
}
