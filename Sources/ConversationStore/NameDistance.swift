/// How near a misspelt name is to one that exists.
enum NameDistance {
    /// The nearest name, if it is near enough to have been meant: at most a third of the letters differ.
    static func nearest(to name: String, among names: [String]) -> String? {
        names.map { (name: $0, distance: between(name.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= max(1, name.count / 3) }
            .min { $0.distance < $1.distance }?.name
    }

    /// The fewest insertions, deletions and replacements that turn one text into the other.
    static func between(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
