/// The words of the answers: pieces of a few bytes, as models stream them, the same in each run.
enum Prose {
    private static let vocabulary = [
        "The", " quick", " brown", " fox", " jumps", " over", " a", " lazy", " dog", ".", " It", " is", ",",
        " and",
        " the", " of", " to", " in", " answer", " follows", ":", " 42", " per", " cent", "ing", "ed", " con",
        "sider",
        " that", " with", " prompt", " cache", " tokens", " request", " \"quoted\"", "\n\n", " naïve", " –",
        " first",
        " second", " third", "ly", " Paris", " 2024", "(", ")", " therefore", " model", "'s", " limit",
    ]

    /// As many pieces as asked for.
    static func pieces(_ count: Int) -> [String] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return vocabulary[Int((state >> 33) % UInt64(vocabulary.count))]
        }
    }

    static func text(_ count: Int) -> String { pieces(count).joined() }
}
