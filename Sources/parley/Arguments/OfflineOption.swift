import ArgumentParser

/// Whether only providers on this machine are to be asked.
struct OfflineOption: ParsableArguments {
    @Flag(help: "Ask only providers on this machine (PARLEY_OFFLINE=0 goes online in spite of the settings).")
    var offline = false

    /// The command line and its variables win over the settings file.
    func isChosen(_ config: ConfigFile, line: ArgumentLine? = .current) -> Bool {
        let isSaid = offline || line?.variables["offline"] != nil
        return isSaid ? offline : config.isOffline
    }
}
