import ParleyCore
import Testing

@testable import UsageReport

@Suite struct `The order of arrival is computed` {
    /// Two documents, one after the other; the file has them in turns.
    private func sorted(_ count: Int, gap: Int64 = 1000, written: Int = 0) -> [CachedRequest] {
        (0..<2 * count).map { place in
            let isSecond = place >= count
            let isFirst = place == 0 || place == count
            return .fixture(
                Int64(isSecond ? 2 * (place - count) + 2 : 2 * place + 1), at: Int64(place) * gap,
                isSecond ? .two : .one, read: isFirst ? 0 : 2000, written: isFirst ? written : 0)
        }
    }

    private func sum(_ lines: [PrefixLine]) -> OrderSaving {
        lines.compactMap(\.orderSaving).reduce(OrderSaving(), +)
    }

    @Test func `Jobs that were sent as they came have saved nothing by their order`() {
        let requests: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 200, read: 2000), .fixture(3, at: 300, read: 2000),
        ]
        #expect(sum(lines(of: requests)) == OrderSaving(requests: 3))
        // What was read before the first token was told was ripe before it.
        let early: [CachedRequest] = [
            .fixture(1, at: 0, firstToken: 900), .fixture(2, at: 200, read: 2000),
            .fixture(3, at: 300, read: 2000),
        ]
        #expect(sum(lines(of: early)) == OrderSaving(requests: 3))
        let two: [CachedRequest] = [
            .fixture(1, at: 0), .fixture(2, at: 50), .fixture(3, at: 200, firstToken: 900),
            .fixture(4, at: 400, read: 2000),
        ]
        #expect(sum(lines(of: two, .fixture(leaders: 2))) == OrderSaving(requests: 4))
    }

    @Test func `Where entries would have expired between two uses, arrival would have read nothing`() {
        // 200 s lie between two requests, 400 s between two of one document in the file's order.
        let result = lines(of: sorted(3, gap: 200_000))
        #expect(result.map(\.usage.cacheRead) == [4000, 4000])
        #expect(result.map { $0.arrival?.read } == [0, 0])
        #expect(sum(result) == OrderSaving(tokens: 8000, amount: Picodollars(8000 * 90), requests: 6))
        #expect(sum(lines(of: sorted(3))).tokens == 0)
    }

    @Test func `What is written anew costs what writing costs`() {
        let price = Price.fixture(input: 100, cacheRead: 10, cacheWrite: 125)
        let requests = sorted(3, gap: 200_000, written: 2000).map { request in
            var request = request
            request.price = price
            return request
        }
        // In the order of the file each of the six writes; two did.
        #expect(sum(lines(of: requests)).amount == Picodollars(4 * 2000 * (125 - 10)))
    }

    @Test func `A beginning under the minimum is never read, and each machine beyond the limit begins anew`()
    {
        #expect(lines(of: sorted(3), .fixture(tokensMin: 3000)).map { $0.arrival?.read } == [0, 0])
        let machines = lines(of: sorted(6), .fixture(perMinute: 2))
        #expect(machines.map { $0.arrival?.read } == [6000, 6000])
    }

    @Test func `Where two have to go first, the third one reads`() {
        #expect(lines(of: sorted(4), .fixture(leaders: 2)).map { $0.arrival?.read } == [4000, 4000])
    }

    @Test func `Jobs sent together would all have written`() {
        // One of each document at a time; the file has three of each in a row.
        let requests: [CachedRequest] = [
            .fixture(1, at: 0, .one), .fixture(4, at: 0, .two), .fixture(2, at: 200, .one, read: 2000),
            .fixture(5, at: 200, .two, read: 2000), .fixture(3, at: 400, .one, read: 2000),
            .fixture(6, at: 400, .two, read: 2000),
        ]
        let result = lines(of: requests)
        #expect(result.allSatisfy { $0.missed.isEmpty })
        #expect(result.map { $0.arrival?.read } == [2000, 4000] && sum(result).tokens == 2000)
    }
}
