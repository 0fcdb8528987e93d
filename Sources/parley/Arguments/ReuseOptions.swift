import ArgumentParser
import ParleyCore

/// Whether what was answered before, or stands in the file twice, is asked again.
struct ReuseOptions: ParsableArguments {
    @Flag(
        help:
            "An identical request that was answered before takes that answer, instead of being paid for again."
    )
    var reuse = false

    @Flag(help: "Identical rows of a batch share one request; each gets the answer.")
    var collapse = false

    /// What was said on the command line or by a variable, of which `0` says no; nil where nobody said anything.
    func said(_ line: ArgumentLine? = .current) -> BatchLimits {
        BatchLimits(
            reuse: reuse || line?.variables["reuse"] != nil ? reuse : nil,
            collapse: collapse || line?.variables["collapse"] != nil ? collapse : nil)
    }
}
