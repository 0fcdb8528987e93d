import Testing

@testable import parley

@Suite struct `What a report is told apart by` {
    @Test func `Prefixes are for the report on caches, alone or with batch and model`() throws {
        let alone = try #require(GroupingKeys(argument: "prefix"))
        #expect(alone.hasPrefix && alone.dimensions.isEmpty && alone.fault(in: .cache) == nil)
        #expect(alone.fault(in: .cost) == "--by prefix is for `parley report cache` only")
        let more = try #require(GroupingKeys(argument: "batch, prefix"))
        #expect(more.names == ["batch", "prefix"] && more.fault(in: .cache) == nil)
        let wrong = try #require(GroupingKeys(argument: "day,prefix"))
        #expect(
            wrong.fault(in: .cache)
                == "--by day does not go with prefix; write prefix, or batch,model,prefix")
        #expect(GroupingKeys(argument: "prefix,prefix") == nil && GroupingKeys(argument: "") == nil)
    }
}
