import ParleyCore
import ProviderStack
import Testing

@Suite struct BreakerTests {
    @Test func `Five failures in a row open it for thirty seconds`() {
        var breaker = Breaker()
        for _ in 0..<5 {
            #expect(breaker.admits(at: .seconds(0)) == true)
            breaker.failed(.overloaded, at: .seconds(0))
        }
        #expect(breaker.admits(at: .seconds(29.9)) == false)
        #expect(breaker.opensAgain(after: .seconds(1)) == .seconds(30))
        #expect(breaker.admits(at: .seconds(30)) == true)
    }

    @Test func `A success in between starts the count anew`() {
        var breaker = Breaker()
        for round in 0..<20 {
            breaker.failed(.unreachable, at: .seconds(0))
            if round % 4 == 3 { breaker.succeeded() }
        }
        #expect(breaker.admits(at: .seconds(0)) == true)
    }

    @Test func `Only one probe is let through`() {
        var breaker = opened()
        #expect(breaker.admits(at: .seconds(30)) == true)
        #expect(breaker.admits(at: .seconds(31)) == false)
    }

    @Test func `A probe that succeeds closes it, one that fails opens it again`() {
        var breaker = opened()
        #expect(breaker.admits(at: .seconds(30)) == true)
        breaker.failed(.timedOut, at: .seconds(32))
        #expect(breaker.admits(at: .seconds(61)) == false)
        #expect(breaker.admits(at: .seconds(62)) == true)
        breaker.succeeded()
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `A probe that nobody reports on is replaced after a rest`() {
        var breaker = opened()
        #expect(breaker.admits(at: .seconds(30)) == true)
        #expect(breaker.admits(at: .seconds(60)) == true)
    }

    @Test func `A probe that was cancelled lets the next one look`() {
        var breaker = opened()
        #expect(breaker.admits(at: .seconds(30)) == true)
        breaker.failed(.cancelled, at: .seconds(31))
        #expect(breaker.admits(at: .seconds(31)) == true)
    }

    @Test(arguments: [Failure.Kind.rejected, .contentRefused, .contextTooLong, .unauthorized, .rateLimited])
    func `An answer that blames the request shows that the provider is up`(kind: Failure.Kind) {
        var breaker = Breaker()
        for _ in 0..<50 { breaker.failed(kind, at: .seconds(0)) }
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `Its state survives as a value`() {
        let restarted = Breaker(state: opened().state)
        #expect(restarted.opensAgain(after: .seconds(1)) == .seconds(30))
    }

    private func opened() -> Breaker {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(.overloaded, at: .seconds(0)) }
        return breaker
    }
}
