/// What this build calls itself, in `--version` and in the `User-Agent` of every request.
public enum Release {
    public static let name = "parley"
    public static let version = "0.1.0"
}
