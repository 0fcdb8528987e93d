import ArgumentParser
import ParleyCore
import ProviderSimulator
import Testing

@testable import parley

@Suite struct `Options of the simulator` {
    @Test func `Every fault can be asked for by its name, with a weight`() throws {
        for fault in SimulatedFault.allCases {
            let options = try SimulateOptions.parse(["--fault", "\(fault.rawValue)=2"])
            #expect(options.settings.faults == [fault: 2])
        }
    }

    @Test func `Variables say what the simulator in process does`() throws {
        let settings = try SimulateOptions.settings(from: [
            "PARLEY_SIMULATE_FAULT": "cut=2,429-date", "PARLEY_SIMULATE_FAULT_POINT": "last",
            "PARLEY_SIMULATE_ERROR_RATE": "0.5", "PARLEY_SIMULATE_RETRY_AFTER_MS": "250",
            "PARLEY_SIMULATE_STALL_MS": "40", "PARLEY_SIMULATE_INPUT_TPM": "9",
            "PARLEY_SIMULATE_OUTPUT_TPM": "8", "PARLEY_SIMULATE_CONTEXT": "7",
        ])
        #expect(settings.faults == [.cut: 2, .rateLimitedDate: 1] && settings.faultPoint == .last)
        #expect(settings.faultRetryAfter == .milliseconds(250) && settings.stall == .milliseconds(40))
        #expect(settings.inputTokensPerMinute == 9 && settings.outputTokensPerMinute == 8)
        #expect(settings.contextTokensMax == 7 && settings.errorRate == 0.5)
    }

    @Test(arguments: [
        ["--fault-point", "end"], ["--fault", "418"], ["--stall-ms", "-1"], ["--input-tpm", "0"],
    ])
    func `A wrong value is refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try SimulateOptions.parse(arguments) }
    }
}
