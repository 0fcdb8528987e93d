# shellcheck shell=bash
# Sourced by the other scripts: says what is done, and installs Debian packages that are missing.

say() { printf '== %s\n' "$*"; }

# need PROBE:PACKAGE …: a probe is a command, or the absolute path of a file; a package whose probe is there is left alone.
need() {
    local missing=() pair
    for pair in "$@"; do
        case $pair in
        /*) [ -e "${pair%%:*}" ] || missing+=("${pair##*:}") ;;
        *) command -v "${pair%%:*}" >/dev/null || [ -x "/usr/sbin/${pair%%:*}" ] || missing+=("${pair##*:}") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "please install ${missing[*]}: this is not Debian, so it cannot be done from here" >&2
        exit 1
    fi
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || { echo "please run: apt-get install ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# The toolchain is the one thing that is not installed from here.
need_swift() {
    command -v swift >/dev/null && return
    echo "please install Swift 6.2 or newer first: https://www.swift.org/install/linux/" >&2
    exit 1
}

# A file that is there when Python can make virtual environments.
python_venv_probe() {
    local module
    module=$(python3 -c 'import ensurepip; print(ensurepip.__file__)' 2>/dev/null) || module=/nonexistent/ensurepip
    printf '%s\n' "$module"
}
