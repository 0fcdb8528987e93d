// swift-tools-version: 6.2
import PackageDescription

/// Set by `scripts/fuzz`.
let fuzzes = Context.environment["PARLEY_FUZZ"] != nil

/// What the fuzzer needs: its counters in our own modules, whose insides it may look at.
let counted: [SwiftSetting] =
    fuzzes ? [.unsafeFlags(["-Xfrontend", "-sanitize=fuzzer", "-enable-testing"])] : []

/// What every target is held to: nothing is warned about and left.
let strict: [SwiftSetting] =
    [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + counted

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let orderedCollections = Target.Dependency.product(
    name: "OrderedCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// A library or the executable, held to the house rules.
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one room; what several share stands in `TestKit`.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "parley",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "parley", targets: ["parley"]),
        .library(name: "ParleyCore", targets: ["ParleyCore"]),
        .library(name: "ConversationStore", targets: ["ConversationStore"]),
        .library(name: "ProviderStack", targets: ["ProviderStack"]),
        .library(name: "ProviderSimulator", targets: ["ProviderSimulator"]),
        .library(name: "BatchExecutor", targets: ["BatchExecutor"]),
        .library(name: "Conversations", targets: ["Conversations"]),
        .library(name: "UsageReport", targets: ["UsageReport"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("0001-conversations.sql"), .embedInCode("0002-queue.sql"),
                .embedInCode("0003-ledger.sql"), .embedInCode("0004-limits.sql"),
                .embedInCode("0005-views.sql"), .embedInCode("0006-prices-openai-anthropic.sql"),
                .embedInCode("0007-prices-others.sql"), .embedInCode("0008-policy-state.sql"),
                .embedInCode("0009-learnt-pace.sql"),
                .embedInCode("0010-budget.sql"),
                .embedInCode("0011-deadlines.sql"),
                .embedInCode("0012-prefixes.sql"),
                .embedInCode("0013-reuse.sql"),
                .embedInCode("0014-turns.sql"),
                .embedInCode("0015-search.sql"),
                .embedInCode("0016-pruning.sql"),
                .embedInCode("0017-imports.sql"),
            ], swiftSettings: strict),
        room("ParleyCore", [orderedCollections]),
        room(
            "ConversationStore",
            ["ParleyCore", "Migrations", grdb, sqlite, orderedCollections, crypto]),
        room(
            "ProviderStack",
            ["ParleyCore", asyncHTTPClient, nio, nioHTTP, nioPosix, nioTLS, orderedCollections, crypto]),
        room(
            "ProviderSimulator",
            ["ParleyCore", hummingbird, httpTypes, nio, logging, lifecycle, orderedCollections]),
        room(
            "BatchExecutor",
            [
                "ParleyCore", "ConversationStore", "ProviderStack", collections, orderedCollections, crypto,
                yams, logging,
            ]),
        room(
            "Conversations",
            [
                "ParleyCore", "ConversationStore", "ProviderStack", orderedCollections, logging, subprocess,
                system,
            ]),
        room("UsageReport", ["ParleyCore", orderedCollections]),
        .target(
            name: "CLineEditor", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .executableTarget(
            name: "parley",
            dependencies: [
                "ParleyCore", "ConversationStore", "ProviderStack", "ProviderSimulator", "BatchExecutor",
                "Conversations", "UsageReport", "CLineEditor", argumentParser, logging, orderedCollections,
                unixSignals,
                yams,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "bare-client", dependencies: [asyncHTTPClient, nio, nioHTTP, nioPosix],
            path: "Benchmarks/BareClient", swiftSettings: strict),
        .target(name: "AllocationCount", path: "Benchmarks/AllocationCount"),
        .executableTarget(
            name: "codec-bench",
            dependencies: ["ParleyCore", "ProviderStack", "AllocationCount", orderedCollections],
            path: "Benchmarks/CodecBench", swiftSettings: strict),
        .target(
            name: "TestKit", dependencies: ["ParleyCore", "ProviderSimulator"], path: "Tests/TestKit",
            swiftSettings: strict),
        tests(
            "ParleyCoreTests", ["ParleyCore", orderedCollections], resources: [.copy("Schema/Suite")]),
        tests(
            "ConversationStoreTests",
            ["ConversationStore", "ParleyCore", "Migrations", grdb, sqlite, orderedCollections],
            resources: [.copy("schema.golden.sql")]),
        tests(
            "ProviderStackTests",
            [
                "ProviderStack", "ProviderSimulator", "ParleyCore", asyncHTTPClient, nio, nioEmbedded,
                nioPosix,
                nioHTTP, orderedCollections, "Conversations", "ConversationStore", "TestKit",
            ],
            resources: [.copy("Fixtures")]),
        tests("ProviderSimulatorTests", ["ProviderSimulator", "ParleyCore", orderedCollections]),
        tests(
            "BatchExecutorTests",
            [
                "BatchExecutor", "ConversationStore", "ProviderStack", "ProviderSimulator", "ParleyCore",
                orderedCollections, grdb, "TestKit",
            ]),
        tests(
            "ConversationsTests",
            [
                "Conversations", "ConversationStore", "ProviderStack", "ProviderSimulator", "ParleyCore",
                orderedCollections, grdb, "TestKit",
            ]),
        tests(
            "LibraryTests",
            [
                "BatchExecutor", "Conversations", "ConversationStore", "ProviderStack", "ProviderSimulator",
                "ParleyCore", logging, "TestKit",
            ]),
        tests("UsageReportTests", ["UsageReport", "ParleyCore", orderedCollections]),
        tests(
            "ParleyCommandTests",
            [
                "parley", "BatchExecutor", "Conversations", "ConversationStore", "ProviderSimulator",
                "ProviderStack", "UsageReport", "ParleyCore", argumentParser, orderedCollections, grdb,
            ]),
        tests("HouseTests", ["Migrations", "parley"]),
    ],
    swiftLanguageModes: [.v6]
)

if fuzzes {
    package.targets.append(
        .executableTarget(
            name: "parley-fuzz",
            dependencies: ["ParleyCore", "ProviderStack", "BatchExecutor", orderedCollections],
            path: "Benchmarks/Fuzz", exclude: ["Seeds"], swiftSettings: strict,
            linkerSettings: [.linkedLibrary("stdc++"), .linkedLibrary("m")]))
}
