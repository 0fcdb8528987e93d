import Foundation

/// Gives one part of parley whatever bytes the fuzzer thinks of.
///
/// `parley-fuzz TARGET [options and folders of libFuzzer]`; `parley-fuzz --list` names the targets. A property that does
/// not hold stops the process as a crash does, and the fuzzer keeps the input.
@main
struct Fuzz {
    static func main() {
        let words = CommandLine.arguments
        if words.dropFirst() == ["--list"] {
            for target in FuzzTarget.allCases { print(target.rawValue) }
            return
        }
        guard words.count > 1, let target = FuzzTarget(rawValue: words[1]) else {
            FileHandle.standardError.write(Data("usage: parley-fuzz TARGET [libFuzzer's options]\n".utf8))
            exit(64)
        }
        FuzzTarget.chosen = target
        var arguments = ([words[0]] + words.dropFirst(2)).map { strdup($0) } + [nil]
        let code = arguments.withUnsafeMutableBufferPointer { buffer in
            var count = Int32(buffer.count - 1)
            var pointer = buffer.baseAddress
            return runFuzzer(&count, &pointer) { start, count in
                FuzzTarget.chosen.run(UnsafeBufferPointer(start: start, count: count))
                return 0
            }
        }
        exit(code)
    }
}

/// The fuzzer's own entry (libclang_rt.fuzzer_no_main): it calls the function with input after input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ argumentCount: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ function: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
