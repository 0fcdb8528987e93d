/// Finds the known name that somebody who typed an unknown one probably meant.
public enum NearestName {
    /// The closest of the known names, or nil when none is close: at most a third of the letters may be wrong, and at
    /// least one may. Case does not count. Of two equally close ones the first wins.
    public static func of(_ name: String, among known: some Sequence<String>) -> String? {
        let typed = Array(name.lowercased())
        let allowed = max(1, typed.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in known {
            let distance = distance(typed, Array(candidate.lowercased()))
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one into the other.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var cost = min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (left[row] == right[column] ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
