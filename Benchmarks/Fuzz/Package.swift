// swift-tools-version: 6.2
import PackageDescription

/// A package of its own, so that nobody else builds it: every module in it is compiled with the fuzzer's counters, which
/// `scripts/fuzz` passes.
let package = Package(
    name: "parley-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "parley", path: "../..")],
    targets: [
        .executableTarget(
            name: "parley-fuzz",
            dependencies: [
                .product(name: "ParleyCore", package: "parley"),
                .product(name: "ProviderStack", package: "parley"),
                .product(name: "BatchExecutor", package: "parley"),
            ],
            path: "Sources",
            swiftSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("stdc++"), .linkedLibrary("m")])
    ],
    swiftLanguageModes: [.v6]
)
