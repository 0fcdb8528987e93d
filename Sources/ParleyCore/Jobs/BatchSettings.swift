public import OrderedCollections

/// What a batch says once for all of its jobs; a row's own columns win over it.
///
/// It is stored with the batch, and enqueueing the same batch name with other settings is an error: a job's meaning
/// must not change under it.
public struct BatchSettings: Sendable, Hashable {
    /// How the rows of a batch are to be read.
    public enum RowFormat: String, Sendable, Hashable {
        /// Columns: `prompt` or `messages`, `system`, `model`, `max_tokens`, `temperature` are known, all others are
        /// variables of the template.
        case columns
        /// A line of an OpenAI batch file: `custom_id`, `method`, `url`, `body`.
        case openAIBatch = "openai-batch"
    }

    public var rowFormat: RowFormat
    /// Nil when every row names its own.
    public var model: ModelName?
    /// Asked in this order when the model before will not do.
    public var fallbacks: [ModelName]
    /// The role under which the usage is reported.
    public var role: String
    public var system: String?
    /// The prompt with `{{column}}` placeholders; nil when the rows have a `prompt` or `messages` column.
    public var promptTemplate: String?
    public var maxTokens: Int?
    public var temperature: Double?
    /// Added to each request as they are.
    public var options: JSONObject
    /// A JSON Schema that each answer is to fulfil.
    public var schema: JSON?
    /// How often a job is asked again because its answer did not follow its schema.
    public var schemaRetriesMax: Int
    /// How many requests one job may cost before it counts as failed.
    public var attemptsMax: Int
    /// Whether answers are streamed, so that a stop in the middle keeps what had come.
    public var streams: Bool
    /// How fast and how dear it may be.
    public var limits: BatchLimits

    public static let attemptsMaxDefault = 10
    public static let schemaRetriesDefault = 1
    /// What ``schemaRetriesMax`` may be.
    public static let schemaRetriesRange = 0...10

    public init(
        rowFormat: RowFormat = .columns, model: ModelName? = nil, fallbacks: [ModelName] = [],
        role: String = "default", system: String? = nil, promptTemplate: String? = nil, maxTokens: Int? = nil,
        temperature: Double? = nil, options: JSONObject = [:], schema: JSON? = nil,
        schemaRetriesMax: Int = BatchSettings.schemaRetriesDefault,
        attemptsMax: Int = BatchSettings.attemptsMaxDefault, streams: Bool = false,
        limits: BatchLimits = BatchLimits()
    ) {
        self.rowFormat = rowFormat
        self.model = model
        self.fallbacks = fallbacks
        self.role = role
        self.system = system
        self.promptTemplate = promptTemplate
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.options = options
        self.schema = schema
        self.schemaRetriesMax = schemaRetriesMax
        self.attemptsMax = attemptsMax
        self.streams = streams
        self.limits = limits
    }
}

extension BatchSettings {
    /// The settings as stored, without the system prompt: that is kept once in `contents`.
    public var json: JSON {
        [
            "row_format": .string(rowFormat.rawValue),
            "model": .init(model?.description),
            "fallbacks": .array(fallbacks.map { .string($0.description) }),
            "role": .string(role),
            "prompt": .init(promptTemplate),
            "max_tokens": maxTokens.map { .int($0) } ?? .null,
            "temperature": temperature.map { .double($0) } ?? .null,
            "options": .object(options),
            "schema": schema ?? .null,
            "schema_retries": .int(schemaRetriesMax),
            "max_attempts": .int(attemptsMax),
            "stream": .bool(streams),
            "limits": limits.json,
        ]
    }

    /// Reads what ``json`` wrote; members that are missing take their defaults.
    public init(json: JSON, system: String?) {
        self.init(
            rowFormat: json["row_format"]?.stringValue.flatMap(RowFormat.init) ?? .columns,
            model: json["model"]?.stringValue.flatMap { ModelName($0) },
            fallbacks: (json["fallbacks"]?.arrayValue ?? []).compactMap {
                $0.stringValue.flatMap { ModelName($0) }
            },
            role: json["role"]?.stringValue ?? "default",
            system: system,
            promptTemplate: json["prompt"]?.stringValue,
            maxTokens: json["max_tokens"]?.intValue,
            temperature: json["temperature"]?.doubleValue,
            options: json["options"]?.objectValue ?? [:],
            schema: json["schema"].flatMap { $0.isNull ? JSON?.none : $0 },
            schemaRetriesMax: json["schema_retries"]?.intValue ?? Self.schemaRetriesDefault,
            attemptsMax: json["max_attempts"]?.intValue ?? Self.attemptsMaxDefault,
            streams: json["stream"]?.boolValue ?? false,
            limits: BatchLimits(json: json["limits"]))
    }

    /// The names of the settings in which two batches differ, for the sentence that refuses the second. Their limits may
    /// differ: no job means anything else for it.
    public func differences(from other: BatchSettings) -> [String] {
        let mine = json.objectValue ?? [:]
        let theirs = other.json.objectValue ?? [:]
        return mine.keys.filter { $0 != "limits" && mine[$0] != theirs[$0] }
            + (system == other.system ? [] : ["system"])
    }
}
