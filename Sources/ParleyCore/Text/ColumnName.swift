extension String {
    /// Whether both name one column of a job file: but for case and the spaces around them they are equal.
    ///
    /// Every row asks this of all its columns for each known column that it lacks, so names in ASCII are compared byte by
    /// byte.
    public func isSameColumn(as other: String) -> Bool {
        let isSame = utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { Self.isSameASCII(mine, $0) }
        }
        if case .some(.some(.some(let isSame))) = isSame { return isSame }
        return trimmed.lowercased() == other.trimmed.lowercased()
    }

    /// Nil when that cannot be told from ASCII alone.
    private static func isSameASCII(
        _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
    ) -> Bool? {
        var (left, right) = (left[...], right[...])
        while let last = left.last, last.isASCIISpace { left.removeLast() }
        while let last = right.last, last.isASCIISpace { right.removeLast() }
        while let first = left.first, first.isASCIISpace { left.removeFirst() }
        while let first = right.first, first.isASCIISpace { right.removeFirst() }
        for (one, other) in zip(left, right) {
            if one | other >= 0x80 { return nil }
            if one.lowercasedASCII != other.lowercasedASCII { return false }
        }
        if left.count == right.count { return true }
        let rest = left.count > right.count ? left.dropFirst(right.count) : right.dropFirst(left.count)
        return rest.contains { $0 >= 0x80 } ? nil : false
    }
}

extension UInt8 {
    fileprivate var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    fileprivate var isASCIISpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}

extension StringProtocol {
    /// Without the white space at both ends.
    public var trimmed: SubSequence {
        let scalars = unicodeScalars
        if let first = scalars.first, let last = scalars.last, ("!"..."~").contains(first),
            ("!"..."~").contains(last)
        {
            return self[...]
        }
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[first...last]
    }

    /// Nothing but white space.
    public var isBlank: Bool {
        if let first = utf8.first, first > 0x20, first < 0x80 { return false }
        return allSatisfy(\.isWhitespace)
    }
}
