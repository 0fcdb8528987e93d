import ParleyCore

/// The hash of a request, and on the way the hashes of the beginnings that its cache looks at: one pass over the prompt.
struct PromptHash: Sendable {
    /// Of the whole request: what its answer depends on.
    let value: UInt64
    let prefixes: [PromptCache.Prefix]
    /// Those of ``prefixes`` at which a mark stands, in ascending order.
    let marks: [(prefix: Int, isLong: Bool)]
    /// Of the beginning by which a provider chooses the machine.
    let route: UInt64

    init(of question: SimulatedQuestion, prompt: PromptText, rules: CacheRules, seed: UInt64) {
        let bytes = prompt.bytes
        let marked = Self.marks(of: question, in: prompt, rules: rules)
        let positions = Self.positions(in: prompt, rules: rules, marked: marked)
        let routeEnd = CacheRouting.tokens * PromptText.bytesPerToken
        var hash = StableHash()
        hash.add(seed)
        hash.add(question.request.model.model)
        var unit: Int?
        var ends: Set<Int> = []
        if case .units(let tokens) = rules.places {
            unit = tokens * PromptText.bytesPerToken
            ends = Set(prompt.ends)
        }
        var prefixes: [PromptCache.Prefix] = []
        prefixes.reserveCapacity(positions.count)
        var route: UInt64 = 0
        var done = 0
        func add(upTo end: Int) {
            bytes.withUnsafeBufferPointer { for index in done..<end { hash.add($0[index]) } }
            done = end
        }
        for position in positions {
            if done < routeEnd, routeEnd <= position {
                add(upTo: routeEnd)
                route = hash.value
            }
            add(upTo: position)
            prefixes.append(
                .init(
                    tokens: position / PromptText.bytesPerToken, hash: hash.value,
                    endsBlock: ends.contains(position), endsUnit: unit.map { position % $0 == 0 } ?? true))
        }
        add(upTo: bytes.count)
        hash.add(UInt64(bitPattern: Int64(question.request.maxTokens ?? -1)))
        value = hash.value
        self.prefixes = prefixes
        self.route = route
        marks = marked.compactMap { mark in
            positions.firstIndex(of: mark.position).map { ($0, mark.isLong) }
        }
    }

    /// Where the marks stand, in ascending order; none for rules that do not ask for them.
    private static func marks(
        of question: SimulatedQuestion, in prompt: PromptText, rules: CacheRules
    ) -> [(position: Int, isLong: Bool)] {
        guard case .marks(_, let hasNewest) = rules.places else { return [] }
        var marks: [Int: Bool] = [:]
        // Only so many of the latest count beside the newest message.
        for mark in hasNewest ? question.marks.suffix(3) : question.marks[...] {
            guard let position = prompt.position(of: mark) else { continue }
            marks[position] = (marks[position] ?? false) || mark.isLong
        }
        if hasNewest, !question.keepsMarkedOnly, let end = prompt.ends.last, marks[end] == nil {
            marks[end] = false
        }
        return marks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func steps(from least: Int, of tokens: Int, in prompt: PromptText) -> [Int] {
        Array(stride(from: least, through: prompt.bytes.count, by: tokens * PromptText.bytesPerToken))
    }

    /// The ends of the beginnings that the rules look at, in ascending order.
    private static func positions(
        in prompt: PromptText, rules: CacheRules, marked: [(position: Int, isLong: Bool)]
    ) -> [Int] {
        let least = rules.tokensMin * PromptText.bytesPerToken
        guard prompt.bytes.count >= least else { return [] }
        switch rules.places {
        case .steps(let tokens):
            return steps(from: least, of: tokens, in: prompt)
        case .units(let tokens):
            return Set(steps(from: least, of: tokens, in: prompt) + prompt.ends.filter { $0 >= least })
                .sorted()
        case .marks:
            guard let last = marked.last?.position else { return [] }
            let blocks = prompt.ends.filter { $0 >= least && $0 <= last }
            return Set(blocks + marked.map(\.position).filter { $0 >= least }).sorted()
        }
    }
}
