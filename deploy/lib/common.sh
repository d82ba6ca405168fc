# Shared by demo, test and bench: what must be installed, and the one build they all use.
# Sourced with the repository root as working directory.

paraph_packages="libpq-dev librdkafka-dev libssl-dev zlib1g-dev libmicrohttpd-dev libcurl4-openssl-dev libharfbuzz-dev libfribidi-dev libpng-dev libp11-kit-dev fonts-noto-core fonts-droid-fallback postgresql-15 util-linux"
paraph_test_packages="curl qpdf poppler-utils softhsm2 prometheus chromium python3 python3-venv openjdk-17-jre-headless"

say() { printf '%s\n' "$*" >&2; }
stop_with() { say "$*"; exit 1; }

# Installs those of the given Debian packages that are missing; says which before it does.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    [ "$(id -u)" -eq 0 ] || stop_with "These Debian packages are missing: ${missing[*]}. Run this command as root, or install them with: apt-get install ${missing[*]}"
    say "Installing from Debian: ${missing[*]}"
    # Only services of our own are started, on loopback and in a private directory: no package may start one by itself.
    local policy=/usr/sbin/policy-rc.d made_policy=
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made_policy=1; fi
    local log; log=$(mktemp)
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        [ -n "$made_policy" ] && rm -f "$policy"
        tail -n 20 "$log" >&2
        stop_with "apt-get could not install them (log above). Check the network and the package sources, then run this again."
    fi
    rm -f "$log"
    [ -n "$made_policy" ] && rm -f "$policy"
    return 0
}

require_swift() {
    command -v swift >/dev/null || stop_with "swift is not in PATH. Install Swift 6.3 for Debian 12 (swift.org/install), then run this again."
}

# One configuration for everything: release, with testability so that tests link the same objects.
paraph_build_flags="-c release -Xswiftc -enable-testing"

# build [extra swift-build arguments]: builds, quietly when all goes well.
build() {
    require_swift
    local log started; log=$(mktemp); started=$(date +%s)
    # shellcheck disable=SC2086
    if ! swift build $paraph_build_flags "$@" >"$log" 2>&1; then
        grep -E 'error|warning' "$log" | head -n 40 >&2 || true
        say "The build failed; the whole log: $log"
        return 1
    fi
    rm -f "$log"
    say "Built in $(($(date +%s) - started)) s."
}

binaries() {
    # shellcheck disable=SC2086
    swift build $paraph_build_flags --show-bin-path
}
